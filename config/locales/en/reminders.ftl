# Reminders
reminders-registration-opens = registration opens
reminders-registration-closes = registration closes
reminders-payment-closes = payment closes
reminders-tickets-open = ticket printing opens
reminders-tickets-close = ticket printing closes
reminders-review-closes = review closes
reminders-exam = first day of the examination
reminders-subject-registration-closes = Registration closes soon: { $scheme } { $year } ({ $day })
reminders-subject-tickets-open = Admission tickets can be printed: { $scheme } { $year }
reminders-report = New { $new }, moved { $moved }, cancelled { $cancelled }, planned again { $revived }.
reminders-off-changed = no longer concerned (registered, withdrawn or certified)
reminders-off-registered = has registered
reminders-off-inactive = the person is no longer active
reminders-off-rule = the rule or its day no longer exists
reminders-off-late = the day was brought forward and its window has passed
