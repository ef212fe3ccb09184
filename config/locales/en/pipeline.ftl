# Stages of a person, in order.
stage-recorded = On record
stage-withdrawn = Withdrawn
stage-enrolled = Enrolled
stage-placed = Placed
stage-practicum-under-way = Practicum under way
stage-practicum-complete = Practicum complete
stage-class-under-way = Class under way
stage-class-complete = Class complete
stage-registered = Registered for the exam
stage-sat = Sat the exam
stage-passed = Passed
stage-certified = Certified
stage-certificate-registered = Certificate registered
stage-due = Renewal due
stage-lapsed = Registration lapsed
