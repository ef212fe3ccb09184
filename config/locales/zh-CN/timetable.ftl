# 命令行的考试编排。
timetable-done = 用时 { $seconds } 秒，方案已写入 { $file }。
timetable-progress = { $seconds } 秒，{ $percent } %，未排 { $unplaced } 科，代价 { $cost }：{ $criteria }
timetable-format-missing = 从文件名看不出格式，请加 --format itc、toronto 或 json。
timetable-periods-missing = Toronto 文件不含场次数，请加 --periods N。
timetable-limit-missing = 请说明何时停止：--seconds N 或 --iterations N。
timetable-lock-without-plan = --lock 按已有方案锁定科目，请加 --from PLAN。
timetable-nothing-in-the-way = 未发现使方案不可能成立的原因。

timetable-comma = 、
timetable-semicolon = ；
timetable-more = { $shown }，另有 { $more } 科

# 文件中的错误。
timetable-bad-file = { $what }
timetable-bad-line = 第 { $line } 行：{ $what }
timetable-bad-other-plan = 这是不是另一份考试数据的方案？
timetable-bad-inside = （{ $thing } { $name }）
timetable-bad-encoding = 文件不是 UTF-8 编码，请以 UTF-8 另存。
timetable-bad-json = 无法读取 JSON：{ $what }
timetable-bad-missing = 未给出{ $thing }。
timetable-bad-number = { $thing }应为 0 至 { $most } 的整数，而非“{ $got }”。
timetable-bad-form = “{ $got }”不合格式，示例：{ $form }
timetable-bad-empty = 没有任何{ $thing }。
timetable-bad-unknown = 没有名为“{ $name }”的{ $thing }。{ $place }
timetable-bad-twice = { $thing }“{ $name }”重复出现。{ $place }
timetable-bad-many = 规模过大：{ $thing }为 { $n }，最多 { $most }。
timetable-bad-count = { $thing }数为 { $n }，应为 1 至 { $most }。
timetable-bad-outside = { $thing } { $n } 不在本数据的 { $all } 个之内（从 0 起编号）。
timetable-bad-itself = 科目“{ $name }”与自身建立了关系。
timetable-bad-announced = { $thing }：声明 { $n } 个，实有 { $found } 个。
timetable-bad-length = 方案有 { $n } 行或更多，而本数据有 { $all } 个科目。
timetable-bad-no-place = 科目“{ $name }”在方案中没有位置，无法锁定。
timetable-bad-small = 科目“{ $name }”：人数 { $size } 小于其考生数 { $n }。
timetable-bad-idle = 加时：考生“{ $name }”没有任何考试。
timetable-bad-late = 场次“{ $name }”排在更晚的场次之后，请按时间先后给出场次。
timetable-bad-weights = 权重过大，无法计算（{ $thing }），请调小。

timetable-thing-exam = 科目
timetable-thing-period = 场次
timetable-thing-room = 考场
timetable-thing-site = 考点
timetable-thing-candidate = 考生
timetable-thing-section = 段落
timetable-thing-constraint = 约束
timetable-thing-criterion = 指标
timetable-thing-duration = 时长
timetable-thing-weight = 权重
timetable-thing-capacity = 座位数
timetable-thing-lines = 行数
timetable-thing-size = 考生人数
timetable-thing-relation = 关系：
timetable-thing-way = 路程：
timetable-thing-earlier = 原方案：
timetable-thing-exams-periods = 科目×场次
timetable-thing-exams-rooms = 科目×考场
timetable-thing-durations = 场次×考场×时长
timetable-thing-pairs = 同一考生的科目对
timetable-thing-days = 首场至末场的天数
timetable-thing-candidates-days = 考生×天数（每日上限所需）

# 违反的硬性规则。
timetable-broken-unplaced = 科目 { $exam } 未排入
timetable-broken-clash = 科目 { $exam } 与 { $other } 有 { $n } 名共同考生且同场
timetable-broken-overfull = 考场 { $room } 在场次 { $period } 需 { $used } 座，仅有 { $have } 座
timetable-broken-long = 科目 { $exam } 需 { $need } 分钟，场次 { $period } 只有 { $have } 分钟
timetable-broken-same-period = 科目 { $exam } 与 { $other } 不在同一场次
timetable-broken-different-period = 科目 { $exam } 与 { $other } 在同一场次
timetable-broken-after = 科目 { $exam } 未排在科目 { $other } 之后
timetable-broken-same-room = 科目 { $exam } 与 { $other } 不在同一考场
timetable-broken-shared = 科目 { $exam } 须独占考场，却与 { $other } 共用
timetable-broken-period = 科目 { $exam } 不得排在场次 { $period }
timetable-broken-room = 考场 { $room } 不适合科目 { $exam }
timetable-broken-fixed = 科目 { $exam } 不在其固定位置
timetable-broken-closed = 科目 { $exam } 排在考场 { $room }，而该考场在场次 { $period } 停用
timetable-broken-rooms = 科目 { $exam } 没有考场，或被拆分到不允许的考场
timetable-broken-daily = 考生单日考试超限共 { $n } 场

# 证明不可能满足全部规则。
timetable-proof-no-period = 没有允许且足够长的场次：{ $exams }
timetable-proof-no-room = 科目 { $exam }（{ $size } 人）在其可用场次中没有合适的考场。
timetable-proof-clique = { $n } 个科目两两冲突，而可用场次只有 { $periods } 个：{ $exams }
timetable-proof-seats = { $periods } 个场次最多有 { $have } 座，而以下科目共需 { $need } 座：{ $exams }
timetable-proof-cycle = 以下科目须依次后于下一个，末个又须后于首个：{ $exams }
timetable-proof-chain = { $n } 个科目须先后相继，而场次只有 { $periods } 个：{ $exams }
timetable-proof-contradiction = 以下科目按要求须在一处或已固定，却无法如此：{ $exams }
timetable-proof-daily = 考生 { $candidate } 有 { $have } 场考试，而各日合计最多 { $most } 场。

# 方案中的障碍。
timetable-block-unplaced = 科目 { $exam } 未排入。
timetable-block-placed = 科目 { $exam } 在现位置的代价为 { $cost }。
timetable-block-free = 场次 { $period }：可用
timetable-block-period = 场次 { $period }：{ $what }
timetable-block-nowhere = 最省的放宽：再允许一个场次
timetable-block-simply = 可直接移到场次 { $period }
timetable-block-cheapest = 最省的放宽：场次 { $period }，{ $what }
timetable-block-clash = { $n } 名考生同场还要考 { $exams }
timetable-block-order = 与 { $exams } 的先后或同场关系
timetable-block-seats = 需 { $need } 座，最合适的考场仅余 { $have } 座
timetable-remedy-clash = 让 { $n } 名考生改日考试，或移走 { $exams }
timetable-remedy-order = 放弃与 { $exams } 的先后或同场关系
timetable-remedy-seats = 在一个考场中增加 { $short } 座，或允许拆分考场
