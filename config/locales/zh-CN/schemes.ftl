# 考试规则
schemes-unknown = 没有代码为“{ $code }”的考试方案；可用：{ $known }。
