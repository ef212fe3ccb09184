# Exam timetables on the command line.
timetable-done = Plan in { $file } after { $seconds } s.
timetable-format-missing = The form of the file is not clear from its name: add --format itc, toronto or json.
timetable-periods-missing = Toronto's files do not say how many periods there are: add --periods N.
timetable-limit-missing = Say when to stop: --seconds N or --iterations N.
timetable-lock-without-plan = --lock keeps exams where a plan has them: add --from PLAN.
timetable-nothing-in-the-way = Nothing found that makes a plan impossible.
