# 提醒
reminders-registration-opens = 报名开始
reminders-registration-closes = 报名截止
reminders-payment-closes = 缴费截止
reminders-tickets-open = 准考证开始打印
reminders-tickets-close = 准考证打印截止
reminders-review-closes = 资格复核截止
reminders-exam = 考试首日
reminders-subject-registration-closes = 报名即将截止：{ $year } 年度{ $scheme }考试（{ $day }）
reminders-subject-tickets-open = 可以打印准考证了：{ $year } 年度{ $scheme }考试
reminders-report = 新增提醒 { $new } 条，调整时间 { $moved } 条，取消 { $cancelled } 条，恢复 { $revived } 条。
reminders-off-changed = 已不在提醒范围内（已报考、已退出或已取得证书）
reminders-off-registered = 本人已报考
reminders-off-inactive = 人员已停用
reminders-off-rule = 提醒规则或该节点已不存在
reminders-off-late = 该节点已提前，提醒时间已过
