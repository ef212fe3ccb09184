# Cohorts and enrolments.
cohorts-unknown-code = There is no cohort with the code "{ $code }". Make it first, or let the import make it (--create-cohort on the command line).
cohorts-code-form = A cohort needs a code of at most 60 characters.
cohorts-name-missing = A cohort needs a name of at most 200 characters.
cohorts-ends-before-starts = The last day is before the first.
cohorts-number-of-another = This ID number belongs to a person of another name. Please check.
cohorts-already-enrolled = This person is in the cohort already.
cohorts-timeline-enrolled = Joined the cohort "{ $cohort }"
cohorts-timeline-withdrawn = Left the cohort "{ $cohort }"
cohorts-timeline-level = Level aimed at: { $level }
