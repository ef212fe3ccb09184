classes-undo-changed = 不能撤销：班级学员记录 { $id } 在导入后被修改过。
classes-undo-attended = 不能撤销：班级学员记录 { $id } 已有考勤。
classes-undo-class-used = 不能撤销：班级“{ $class }”还有学员或课次，或已被修改。
