# Regions, campuses, internship bases.
region-unknown = 没有这个地区。
region-code-form = 地区代码“{ $code }”不对：应为 2、4、6、9 或 12 位数字（GB/T 2260）。
region-name-missing = 请填写地区名称。
campus-name-missing = 请填写院校名称。
base-code-missing = 请填写基地编码。
base-name-missing = 请填写基地名称。
base-kind-unknown = 不认识的基地类型“{ $kind }”。
base-capacity-range = 容量应为 0 至 100000 之间的整数。
supervisor-name-missing = 请填写督导姓名。
base-kind-town-station = 镇街站
base-kind-village-point = 村社点
base-kind-agency = 机构
base-kind-county-centre = 县级中心
base-kind-other = 其他
import-code-base-name-missing = 第 { $row } 行缺少“{ $column }”，请补全后重新导入。
import-code-base-kind-unknown = 第 { $row } 行“{ $column }”的写法“{ $value }”不认识，已按“其他”保存；请改为镇街站、村社点、机构或县级中心。
