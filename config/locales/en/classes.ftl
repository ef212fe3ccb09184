classes-undo-changed = Cannot be undone: class enrolment { $id } was changed after the import.
classes-undo-attended = Cannot be undone: class enrolment { $id } has attendance.
classes-undo-class-used = Cannot be undone: class "{ $class }" still has people or sessions, or was changed.
