# Regions, campuses, internship bases.
region-unknown = There is no such region.
region-code-form = The region code "{ $code }" is not one: it has 2, 4, 6, 9 or 12 digits (GB/T 2260).
region-name-missing = Please give the region a name.
campus-name-missing = Please give the campus a name.
base-code-missing = Please give the base a code.
base-name-missing = Please give the base a name.
base-kind-unknown = "{ $kind }" is not a known kind of base.
base-capacity-range = The capacity is a whole number between 0 and 100000.
supervisor-name-missing = Please give the supervisor's name.
base-kind-town-station = Town station
base-kind-village-point = Village point
base-kind-agency = Agency
base-kind-county-centre = County centre
base-kind-other = Other
import-code-base-name-missing = Row { $row } has no "{ $column }". Fill it in and import again.
import-code-base-kind-unknown = Row { $row }: the word "{ $value }" in "{ $column }" is not known and was kept as "other". Use 镇街站, 村社点, 机构 or 县级中心.
