# Runs of imports: upload, preview, commit, undo. Codes of rows stand in importing.ftl.
import-param-missing = Please give { $name }.
import-param-year = The exam year { $year } is not right: give a year from 2000 to 2100.
import-kind-unknown = There is no kind of import named "{ $kind }".
import-file-gone = The uploaded file is no longer on the server. Please upload it again.
import-state-moved = This import has moved on (committed, undone or discarded meanwhile). Reload the page to see.
undo-not-committed = Only a committed import can be undone.
undo-blocked = Cannot be undone: { $n } records were changed or used after the import. Nothing was undone. { $rows }
undo-changed = the record of row { $row } ({ $table } { $id }) was changed after the import
undo-used = the record of row { $row } ({ $table } { $id }) is used by other records
import-upload-too-large = The file is larger than the limit ({ $limit }). Split it and upload the parts.
