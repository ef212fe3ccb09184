# Stages of a person, in order.
stage-recorded = 已建档
stage-withdrawn = 已退出
stage-enrolled = 已入组
stage-placed = 已派驻
stage-practicum-under-way = 实习中
stage-practicum-complete = 实习完成
stage-class-under-way = 培训中
stage-class-complete = 培训完成
stage-registered = 已报考
stage-sat = 已参考
stage-passed = 已通过
stage-certified = 已持证
stage-certificate-registered = 已登记
stage-due = 待再登记
stage-lapsed = 登记已过期
