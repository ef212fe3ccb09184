# Scheduled jobs and background tasks
jobs-unknown = There is no job named { $job }. There are: { $known }.
jobs-running-already = The job { $job } is running; wait for it to end.
jobs-interrupted = The process that ran it was interrupted.
jobs-tidied = Cleared { $rows } old records of runs.
