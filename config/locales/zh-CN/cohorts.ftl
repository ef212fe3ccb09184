# Cohorts and enrolments.
cohorts-unknown-code = 没有编码为“{ $code }”的批次。请先建立批次，或勾选“自动建立批次”（命令行 --create-cohort）。
cohorts-code-form = 批次编码必填，最多 60 个字。
cohorts-name-missing = 请填写批次名称（最多 200 个字）。
cohorts-ends-before-starts = 结束日期早于开始日期。
cohorts-number-of-another = 该证件号已属于另一姓名的人员，请核对。
cohorts-already-enrolled = 此人已在该批次中。
cohorts-timeline-enrolled = 加入批次“{ $cohort }”
cohorts-timeline-withdrawn = 退出批次“{ $cohort }”
cohorts-timeline-level = 报考级别：{ $level }
