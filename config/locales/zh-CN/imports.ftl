# Runs of imports: upload, preview, commit, undo. Codes of rows stand in importing.ftl.
import-param-missing = 请填写参数 { $name }。
import-param-year = 考试年度 { $year } 不对：应为 2000 至 2100 之间的年份。
import-kind-unknown = 没有名为“{ $kind }”的导入种类。
import-file-gone = 上传的文件已不在服务器上，请重新上传。
import-state-moved = 该导入的状态已变化（可能已提交、撤销或放弃），请刷新页面查看。
undo-not-committed = 只有已提交的导入可以撤销。
undo-blocked = 无法撤销：有 { $n } 条记录在导入之后被修改或使用，未撤销任何内容。{ $rows }
undo-changed = 文件第 { $row } 行的记录（{ $table } { $id }）在导入后被修改过
undo-used = 文件第 { $row } 行的记录（{ $table } { $id }）已被其他记录使用
import-upload-too-large = 文件超过上限（{ $limit }）。请拆分后分次上传。
