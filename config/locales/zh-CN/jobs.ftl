# 定时作业与后台任务
jobs-unknown = 没有名为 { $job } 的作业。可用的作业：{ $known }。
jobs-running-already = 作业 { $job } 正在运行，请等它结束。
jobs-interrupted = 运行它的进程已中断。
jobs-tidied = 已清理旧的运行记录 { $rows } 条。
