# 发件箱
mail-cannot-cancel = 只能取消尚未发送的邮件。
mail-cannot-resend = 该邮件仍在等待发送，无需重发。
mail-note-by-hand = 手工操作
mail-note-interrupted = 发送它的进程已中断，将以同一邮件编号重发
mail-note-missed = 已过发送时限，未发送
mail-report = 已发送 { $sent } 封，待重试 { $retry } 封，失败 { $failed } 封，取消 { $cancelled } 封，错过 { $missed } 封。
mail-note-moved = 时间已调整
