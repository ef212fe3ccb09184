# 命令行的考试编排。
timetable-done = 用时 { $seconds } 秒，方案已写入 { $file }。
timetable-format-missing = 从文件名看不出格式，请加 --format itc、toronto 或 json。
timetable-periods-missing = Toronto 文件不含场次数，请加 --periods N。
timetable-limit-missing = 请说明何时停止：--seconds N 或 --iterations N。
timetable-lock-without-plan = --lock 按已有方案锁定科目，请加 --from PLAN。
timetable-nothing-in-the-way = 未发现使方案不可能成立的原因。
