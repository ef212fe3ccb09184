# Exam timetables on the command line.
timetable-done = Plan in { $file } after { $seconds } s.
timetable-progress = { $seconds } s, { $percent } %, unplaced { $unplaced }, cost { $cost }: { $criteria }
timetable-format-missing = The form of the file is not clear from its name: add --format itc, toronto or json.
timetable-periods-missing = Toronto's files do not say how many periods there are: add --periods N.
timetable-limit-missing = Say when to stop: --seconds N or --iterations N.
timetable-lock-without-plan = --lock keeps exams where a plan has them: add --from PLAN.
timetable-nothing-in-the-way = Nothing found that makes a plan impossible.

timetable-comma = {", "}
timetable-semicolon = {"; "}
timetable-more = { $shown } and { $more } more

# Faults of files.
timetable-bad-file = { $what }
timetable-bad-line = line { $line }: { $what }
timetable-bad-other-plan = {" "}Is it another problem's plan?
timetable-bad-inside = {" "}({ $thing } { $name })
timetable-bad-encoding = The text is not UTF-8: save the file in that encoding.
timetable-bad-json = The JSON cannot be read: { $what }
timetable-bad-missing = { $thing }: not given.
timetable-bad-number = { $thing }: a whole number from 0 to { $most } is expected, not "{ $got }".
timetable-bad-form = "{ $got }" is not as expected; an example: { $form }
timetable-bad-empty = { $thing }: there is none.
timetable-bad-unknown = { $thing } "{ $name }" is not known.{ $place }
timetable-bad-twice = { $thing } "{ $name }" stands twice.{ $place }
timetable-bad-many = The problem is too large: { $thing }: { $n }, at most { $most }.
timetable-bad-count = { $thing }: { $n }; from 1 to { $most } are possible.
timetable-bad-outside = { $thing } { $n } is not one of the { $all } of this problem (numbers count from 0).
timetable-bad-itself = Exam "{ $name }" is put in relation to itself.
timetable-bad-announced = { $thing }: { $n } are announced, { $found } follow.
timetable-bad-length = The plan has { $n } lines or more, the problem has { $all } exams.
timetable-bad-no-place = Exam "{ $name }" has no place in the plan that could be kept.
timetable-bad-small = Exam "{ $name }": size { $size } is below its { $n } candidates.
timetable-bad-idle = Extra time: candidate "{ $name }" sits no exam.
timetable-bad-late = Period "{ $name }" stands after a later one: give periods in the order of time.
timetable-bad-weights = The weights are too large to count with ({ $thing }): make them smaller.

timetable-thing-exam = exam
timetable-thing-period = period
timetable-thing-room = room
timetable-thing-site = site
timetable-thing-candidate = candidate
timetable-thing-section = section
timetable-thing-constraint = constraint
timetable-thing-criterion = criterion
timetable-thing-duration = duration
timetable-thing-weight = weight
timetable-thing-capacity = seats
timetable-thing-lines = number of lines
timetable-thing-size = number of candidates
timetable-thing-relation = relation to
timetable-thing-way = way to
timetable-thing-earlier = earlier plan:
timetable-thing-exams-periods = exams times periods
timetable-thing-exams-rooms = exams times rooms
timetable-thing-durations = periods times rooms times durations
timetable-thing-pairs = pairs of exams of the same candidate
timetable-thing-days = days from the first period to the last
timetable-thing-candidates-days = candidates times days, for limits per day

# Broken rules.
timetable-broken-unplaced = exam { $exam } has no place
timetable-broken-clash = exams { $exam } and { $other } share { $n } candidates and the period
timetable-broken-overfull = room { $room } in period { $period }: { $used } seats needed, { $have } there
timetable-broken-long = exam { $exam } takes { $need } minutes, period { $period } has { $have }
timetable-broken-same-period = exams { $exam } and { $other } are not in the same period
timetable-broken-different-period = exams { $exam } and { $other } are in the same period
timetable-broken-after = exam { $exam } is not after exam { $other }
timetable-broken-same-room = exams { $exam } and { $other } are not in the same room
timetable-broken-shared = exam { $exam } needs its room alone but shares it with { $other }
timetable-broken-period = exam { $exam } may not be in period { $period }
timetable-broken-room = room { $room } does not suit exam { $exam }
timetable-broken-fixed = exam { $exam } is not where it is fixed
timetable-broken-closed = exam { $exam } is in room { $room }, which is closed in period { $period }
timetable-broken-rooms = exam { $exam } has no room, or rooms it may not be split over
timetable-broken-daily = candidates have { $n } exams too many in a day

# Proofs that no plan can keep all rules.
timetable-proof-no-period = No period is allowed and long enough for: { $exams }
timetable-proof-no-room = No room suits exam { $exam } with its { $size } candidates in any period it may be in.
timetable-proof-clique = { $n } exams clash with each other, but only { $periods } periods are open to them: { $exams }
timetable-proof-seats = { $need } seats are needed in { $periods } periods that have { $have } at most, by: { $exams }
timetable-proof-cycle = Each of these must be after the next and the last after the first: { $exams }
timetable-proof-chain = { $n } exams must follow each other, there are { $periods } periods: { $exams }
timetable-proof-contradiction = These must be together or be fixed and cannot be: { $exams }
timetable-proof-daily = Candidate { $candidate } has { $have } exams, the days allow { $most }.

# What is in the way in a plan.
timetable-block-unplaced = Exam { $exam } has no place.
timetable-block-placed = Exam { $exam } costs { $cost } where it is.
timetable-block-free = period { $period }: free
timetable-block-period = period { $period }: { $what }
timetable-block-nowhere = cheapest relaxation: allow it a further period
timetable-block-simply = it could simply go to period { $period }
timetable-block-cheapest = cheapest relaxation: period { $period }, { $what }
timetable-block-clash = { $n } candidates also sit { $exams }
timetable-block-order = the order to { $exams }
timetable-block-seats = { $need } seats needed, { $have } free in the best room
timetable-remedy-clash = let { $n } candidates sit another day, or move { $exams }
timetable-remedy-order = give up the order to { $exams }
timetable-remedy-seats = find { $short } more seats in one room, or allow it to be split
