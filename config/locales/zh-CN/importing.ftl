# 导入时的提示：每个代码一条，说明原因和改法。
# Files refused as a whole.
import-code-empty-file = 文件是空的，里面没有任何内容。请确认选对了文件，保存后重新上传。
import-code-no-data-rows = 文件里没有数据行，只有表头或空白。请填好数据后重新上传。
import-code-missing-required-column = 缺少必需的列：{ $columns }。文件中找到的表头：{ $found }。请补上该列，或把表头改成这个名称。
import-code-too-large = 文件太大，上限为 { $limit } MB。请拆成几个文件分别上传。
import-code-too-large-unpacked = 文件解压后太大，超过上限（{ $limit } MB）。请删除多余的工作表和空白行列，另存后重新上传。
import-code-too-many-rows = 数据行太多，上限为 { $limit } 行。请拆成几个文件分别上传。
import-code-too-many-columns = 列太多，上限为 { $limit } 列。请删除多余的列后重新上传。
import-code-damaged-file = 文件已损坏或不完整，无法打开。请用表格软件打开原文件，另存后重新上传。
import-code-not-a-spreadsheet = 这不是表格文件。可以上传 xlsx、xls、ods、csv 或制表符分隔的文本。
import-code-text-encoding = 文字编码有误：第 { $line } 行（第 { $byte } 字节）不是有效的 { $encoding } 文字，可能在复制时被截断。请用表格软件另存为 xlsx 或 UTF-8 的 csv 后重新上传。
import-code-password-protected = 文件设有打开密码，无法读取。请取消密码后重新上传。
# Sheets.
import-code-unknown-column = 未识别的列“{ $column }”，其内容不会导入。如需导入，请改用模板中的表头。
import-code-sheet-passed-over = 工作表“{ $sheet }”缺少必需的列（{ $columns }），没有导入。如需导入，请补上该列。
import-code-repeated-header = 表头“{ $column }”出现了不止一次，只读取第一列。
import-code-hidden-column = “{ $column }”列被隐藏，但其内容会导入。请确认这些内容仍然有效。
# Rows of any kind.
import-code-too-many-cells = 这一行的内容超出了表头的列数，可能有内容错列。请对照表头检查这一行。
import-code-hidden-row = 这一行在文件中被隐藏（可能被筛选掉），但仍会导入。如不需要，请删除该行。
import-code-cell-error = “{ $column }”单元格里是公式错误（如 #N/A、#REF!）。请在表格软件中改正公式或直接填写内容。
import-code-formula-without-result = “{ $column }”单元格是公式，但没有保存计算结果。请用表格软件打开文件并保存一次，或直接填写内容。
import-code-looks-like-code = “{ $column }”的内容看起来像公式或代码，已按普通文字保存。请确认是否填错。
# Dates and numbers.
import-code-date-ambiguous = “{ $column }”的日期“{ $value }”可以有两种读法。请写成 1990-03-05 这样的形式。
import-code-date-impossible = “{ $column }”的日期“{ $value }”不存在或不可能。请改正。
import-code-date-unreadable = “{ $column }”的内容“{ $value }”无法识别为日期。请写成 1990-03-05 或 1990-03 这样的形式。
import-code-time-unreadable = “{ $column }”无法识别为时间。请写成 8:30 这样的形式。
import-code-number-unreadable = “{ $column }”不是数字。请改为数字。
import-code-number-too-fine = “{ $column }”的小数位太多，最多两位。请改正。
import-code-yes-no-unreadable = “{ $column }”应填“是”或“否”。
import-code-count-not-number = “{ $column }”应填数字。请改为整数。
import-code-count-not-whole = “{ $column }”应为整数，不能有小数。请改正。
import-code-negative-count = “{ $column }”不能是负数。请改正。
import-code-years-not-number = “{ $column }”的内容“{ $value }”不是年数，未导入该项。请填写 0 到 60 的整数。
# ID numbers.
import-code-id-missing = 没有填写证件号码（“{ $column }”）。请补填。
import-code-id-numeric-cell = “{ $column }”单元格是数值格式，表格软件只保留 15 位，后面的数字已经丢失。请把该列设为文本格式，按证件重新填写。
import-code-id-scientific-text = “{ $column }”是科学计数法的文字（如 9.9E+17），原号码已经丢失。请把该列设为文本格式，按证件重新填写。
import-code-id-cut-by-spreadsheet = “{ $column }”以 000 结尾且校验位不对，很可能被表格软件截断。请按证件重新填写，并把该列设为文本格式。
import-code-id-check-digit = “{ $column }”的校验位不对，号码可能输错。请对照证件检查。
import-code-id-length = “{ $column }”有 { $length } 位，与“{ $type }”应有的位数不符。请对照证件检查。
import-code-id-birth-impossible = “{ $column }”中的出生日期不存在或不可能。请对照证件检查。
import-code-id-characters = “{ $column }”含有不该有的字符（例如把数字 0 写成字母 O）。请对照证件检查。
import-code-id-15-digits = “{ $column }”是 15 位旧号码。换算成 18 位应为 { $suggest }，请与本人核实后填写 18 位号码。
import-code-id-masked = “{ $column }”被遮盖（含 *），无法据此认定人员。请提供完整号码。
import-code-id-type-number-disagree = 证件类型“{ $type }”与证件号码的形式不符。请检查证件类型和号码。
import-code-id-type-unknown = 不认识的证件类型“{ $value }”。可填：居民身份证、港澳居民来往内地通行证、台湾居民来往大陆通行证、港澳台居民居住证、护照、外国人永久居留身份证、军官证、士兵证、社会保障卡。
import-code-id-type-assumed = 没有填写证件类型，已按“{ $value }”处理。请确认。
import-code-id-ends-000-but-valid = “{ $column }”以 000 结尾，但校验位正确，已接受。请对照证件确认没有被表格软件截断。
import-code-birth-disagrees-with-id = 出生日期“{ $value }”与证件号码中的 { $of_id } 不一致。请检查二者哪个正确。
import-code-sex-disagrees-with-id = 性别“{ $value }”与证件号码（{ $of_id }）不一致。请检查二者哪个正确。
import-code-sex-unknown-value = 性别“{ $value }”无法识别。请填“男”或“女”。
# Names, contact, level.
import-code-name-missing = 没有填写姓名。请补填。
import-code-name-characters = 姓名“{ $value }”含有不该有的字符，可能是生僻字丢失或填错列。请按证件改正。
import-code-name-lookalike-character = 姓名“{ $value }”中有形似汉字的部首符号，可能与其他名单对不上。请用输入法重新输入。
import-code-phone-format = “{ $column }”的号码“{ $value }”格式不对。手机号应为 11 位，固定电话请带区号。
import-code-phone-masked = “{ $column }”被遮盖（含 *），未导入电话。请提供完整号码。
import-code-phone-shared = 电话与第 { $peer_row } 行的 { $other } 相同。请确认是否共用。
import-code-email-format = 电子邮箱“{ $value }”格式不对，未导入。请改正。
import-code-level-unknown-value = 报考级别“{ $value }”无法识别。请填“初级”“中级”或“高级”。
# The same person again.
import-code-duplicate-row = 与第 { $peer_row } 行重复（同一证件、同一姓名），只保留前一行。可删除本行。
import-code-duplicate-person-other-phone = 与第 { $peer_row } 行是同一人，但电话不同。请确认哪个电话正确，只留一行。
import-code-duplicate-person-other-level = 与第 { $peer_row } 行是同一人，但报考级别不同。请确认级别，只留一行。
import-code-id-used-with-other-name = { $peer_row ->
    [record] 该证件号码已登记在另一姓名下，本行的姓名是 { $name }。请核对证件号码和姓名。
   *[other] 证件号码与第 { $peer_row } 行（{ $other }）相同，但姓名是 { $name }。请核对证件号码和姓名。
}
import-code-namesake = 与第 { $peer_row } 行同名但证件不同，已作为两个人保存。请确认不是同一人。
# Attendance.
import-code-not-on-roster = 此人不在本班名册中，未记考勤。请先把此人加入班级，或删除本行。
import-code-signed-twice = 此人在本课次已有签到记录，只保留前一条。请删除重复的一行。
import-code-name-phone-disagree = 姓名与电话对应的不是同一个学员。请核对姓名和电话。
import-code-no-sign-out = 有签到但没有签退。请核实是否提前离开。
import-code-session-missing = 班级中没有这一课次。请先建立课次，或在导入时选择“自动建立课次”。
# Hours.
import-code-unknown-student = 找不到该学号的实习生。请核对学号，或先导入实习生名单。
import-code-unknown-base = 找不到该编码的实习基地。请核对基地编码，或先导入基地台账。
import-code-name-number-disagree = 姓名与学号对应的不是同一人。请核对姓名和学号。
import-code-outside-placement = 日期不在该生的实习期内，或该生没有在该基地实习。请核对日期和实习安排。
import-code-end-before-start = 结束时间早于开始时间。请改正。
import-code-hours-not-number = 时数不是数字。请填写小时数，例如 7.5。
import-code-hours-exceed-span = 时数超过了起止时间的长度。请核对时数和起止时间。
import-code-day-over-24-hours = 这一天的时数合计超过 24 小时。请核对时数。
import-code-overlaps-other-record = 与该生同一天的另一条记录时间重叠。请核对起止时间。
import-code-duplicate-record-no = 记录编号重复，只保留前一条。请改用新的编号或删除重复行。
import-code-supervision-exceeds-hours = 督导时数多于当天时数。请改正。
import-code-supervisor-not-of-base = 督导不是该基地的督导。请核对督导姓名，或先在基地台账中登记。
import-code-not-confirmed = 记录尚未由督导确认，暂不计入时数。
import-code-returned = 记录被督导退回，不计入时数。请修改后重新提交。
# Registrations.
import-code-unpaid-counts-as-withdrawn = 未缴费，按放弃报名处理。
import-code-not-eligible = 按学历、专业和填报的年限，似乎不符合报考条件。请核实；仍会保存。
# Results.
import-code-unknown-candidate = 该考试年度没有此人的报名记录。请核对证件号码，或先导入报名表。
import-code-score-not-number = “{ $column }”不是分数。请填写数字；缺考填 -1，违纪填 -2，成绩无效填 -4，未报考留空。
import-code-score-unknown-code = “{ $column }”中的负数代码无法识别。可用代码：-1 缺考，-2 违纪，-4 成绩无效。
import-code-score-over-full-marks = “{ $column }”的分数超过满分。请核对。
import-code-score-not-half-step = “{ $column }”的分数不符合计分单位（0.5 分）。请核对。
import-code-violation-with-marks = 一科违纪而其他科目有分数：本次考试成绩暂不计入，需人工决定。
# Stations and service records.
import-code-unknown-station = 找不到该编码的站点。请核对站点编码，或先导入站点名单。
import-code-unknown-service-type = 服务类型无法识别。请改用规定的类型。
import-code-outside-report-year = 日期不在报告年度内。请核对日期。
import-code-file-not-found = 找不到文件 { $path }。请核对路径和文件名。
import-code-file-not-permitted = 没有权限读取文件 { $path }。请检查文件权限。
import-code-file-is-folder = { $path } 是文件夹，不是文件。请给出其中一个文件。
import-code-file-not-read = 无法读取文件 { $path }（{ $cause }）。
import-missing-cohort = 请填写批次编码。
import-missing-scheme = 请填写考试编码（例如 social-work）。
import-missing-year = 请填写年度。
import-missing-class = 请填写班次编码。
import-code-too-nested = 网页文件的标签嵌套超过 { $limit } 层，不像是表格。请在原系统中重新导出，或另存为 xlsx。
