# Errors that any feature can give.
error-forbidden = 您的角色不能执行此操作。
error-unauthenticated = 请先登录。
error-busy = 系统正忙，请稍后再试。
error-internal = 系统内部错误，已记录。请稍后再试。
error-taken = 已被使用：{ $what }。
error-in-use = 该记录正被其他记录使用，不能删除。
error-disk-full = 磁盘空间不足，未保存任何内容。请清理磁盘后重试。
error-database-gone = 暂时无法连接数据库，未保存任何内容。请稍后再试。
error-not-found = 没有找到，或您无权查看。
error-changed-meanwhile = 该记录已被他人修改，请重新打开后再改。
actor-command-line = 命令行
