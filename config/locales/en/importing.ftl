# What imports say, one text a code: the cause and what to do. `column` and `row` are always given.
# Files refused as a whole.
import-code-empty-file = The file is empty. Make sure you chose the right file, save it and upload it again.
import-code-no-data-rows = The file holds no data rows, only a header or blanks. Fill in the data and upload it again.
import-code-missing-required-column = A required column is missing: { $columns }. Headers found in the file: { $found }. Add the column, or rename the header to this.
import-code-too-large = The file is larger than the limit of { $limit } MB. Split it and upload the parts.
import-code-too-large-unpacked = Unpacked, the file goes beyond the limit ({ $limit } MB). Delete sheets, rows and columns that are not needed, save it again and upload that.
import-code-too-many-rows = There are more rows than the limit of { $limit }. Split the file and upload the parts.
import-code-too-many-columns = There are more columns than the limit of { $limit }. Delete the columns that are not needed and upload it again.
import-code-damaged-file = The file is damaged or cut off and cannot be opened. Open the original in a spreadsheet program, save it again and upload that.
import-code-not-a-spreadsheet = This is not a spreadsheet. Upload an xlsx, xls, ods, csv or tab-separated text file.
import-code-text-encoding = The text encoding is broken: line { $line } (byte { $byte }) is not valid { $encoding }, perhaps because the file was cut off. Save it again as xlsx or as csv in UTF-8.
import-code-password-protected = The file is protected by a password. Remove the password and upload it again.
# Sheets.
import-code-unknown-column = The column “{ $column }” is not known; its content is not imported. To import it, use a header of the template.
import-code-sheet-passed-over = The sheet “{ $sheet }” lacks a required column ({ $columns }), so it was not imported. Add the column if it is wanted.
import-code-repeated-header = The header “{ $column }” stands more than once; only the first column is read.
import-code-hidden-column = The column “{ $column }” is hidden in the file, yet its content is imported. Make sure it is still right.
# Rows of any kind.
import-code-too-many-cells = This row has more values than there are headers, so values may have slipped into wrong columns. Compare the row with the header.
import-code-hidden-row = This row is hidden in the file (perhaps filtered out), yet it is imported. Delete it if it is not wanted.
import-code-cell-error = The cell “{ $column }” holds a formula error (such as #N/A or #REF!). Correct the formula or type the value.
import-code-formula-without-result = The cell “{ $column }” is a formula without a stored result. Open the file in a spreadsheet program and save it, or type the value.
import-code-looks-like-code = The content of “{ $column }” looks like a formula or code; it is kept as plain text. Check whether it was meant.
# Dates and numbers.
import-code-date-ambiguous = The date “{ $value }” in “{ $column }” can be read two ways. Write it like 1990-03-05.
import-code-date-impossible = The date “{ $value }” in “{ $column }” does not exist or cannot be. Correct it.
import-code-date-unreadable = “{ $value }” in “{ $column }” cannot be read as a date. Write it like 1990-03-05 or 1990-03.
import-code-time-unreadable = “{ $column }” cannot be read as a time of day. Write it like 8:30.
import-code-number-unreadable = “{ $column }” is not a number. Write a number.
import-code-number-too-fine = “{ $column }” has more than two decimals. Correct it.
import-code-yes-no-unreadable = “{ $column }” should be 是 (yes) or 否 (no).
import-code-count-not-number = “{ $column }” should be a number. Write a whole number.
import-code-count-not-whole = “{ $column }” should be a whole number. Correct it.
import-code-negative-count = “{ $column }” cannot be negative. Correct it.
import-code-years-not-number = “{ $value }” in “{ $column }” is not a number of years, so it was left out. Write a whole number from 0 to 60.
# ID numbers.
import-code-id-missing = The ID number (“{ $column }”) is missing. Fill it in.
import-code-id-numeric-cell = The cell “{ $column }” is a number: spreadsheet programs keep 15 digits, so the rest is lost. Set the column to text and type the ID number again from the paper.
import-code-id-scientific-text = “{ $column }” is in scientific notation (such as 9.9E+17); the number itself is lost. Set the column to text and type the ID number again from the paper.
import-code-id-cut-by-spreadsheet = “{ $column }” ends in 000 and its check digit fails: most likely a spreadsheet program cut it. Type it again from the paper, with the column set to text.
import-code-id-check-digit = The check digit of “{ $column }” is wrong, so the number was probably mistyped. Compare it with the paper.
import-code-id-length = “{ $column }” has { $length } characters, which is not the length of this paper ({ $type }). Compare it with the paper.
import-code-id-birth-impossible = The birth date within “{ $column }” does not exist or cannot be. Compare it with the paper.
import-code-id-characters = “{ $column }” holds characters that cannot be in it (such as the letter O for the digit 0). Compare it with the paper.
import-code-id-15-digits = “{ $column }” is an old number of 15 digits. In 18 digits it would be { $suggest }: check with the person, then write the 18 digits.
import-code-id-masked = “{ $column }” is masked (with *), so no person can be told by it. Provide the full number.
import-code-id-type-number-disagree = The ID type ({ $type }) and the form of the ID number do not go together. Check both.
import-code-id-type-unknown = The ID type “{ $value }” is not known. Use one of 居民身份证, 港澳居民来往内地通行证, 台湾居民来往大陆通行证, 港澳台居民居住证, 护照, 外国人永久居留身份证, 军官证, 士兵证, 社会保障卡.
import-code-id-type-assumed = No ID type was given; it was taken to be { $value }. Please confirm.
import-code-id-ends-000-but-valid = “{ $column }” ends in 000, yet its check digit holds, so it was accepted. Make sure it was not cut by a spreadsheet program.
import-code-birth-disagrees-with-id = The birth date “{ $value }” disagrees with the ID number ({ $of_id }). Check which of them is right.
import-code-sex-disagrees-with-id = The sex “{ $value }” disagrees with the ID number ({ $of_id }). Check which of them is right.
import-code-sex-unknown-value = The sex “{ $value }” is not known. Write 男 or 女.
# Names, contact, level.
import-code-name-missing = The name is missing. Fill it in.
import-code-name-characters = The name “{ $value }” holds characters that cannot be in a name; a rare character may have been lost, or the column is wrong. Correct it from the paper.
import-code-name-lookalike-character = The name “{ $value }” holds a radical that only looks like the character, so other lists may not match. Type the name again.
import-code-phone-format = The number “{ $value }” in “{ $column }” is not in the right form. Mobile numbers have 11 digits; give landlines with their area code.
import-code-phone-masked = “{ $column }” is masked (with *), so the phone was left out. Provide the full number.
import-code-phone-shared = The phone is the same as that of { $other } in row { $peer_row }. Check whether they share it.
import-code-email-format = The mail address “{ $value }” is not in the right form and was left out. Correct it.
import-code-level-unknown-value = The level “{ $value }” is not known. Write 初级, 中级 or 高级.
# The same person again.
import-code-duplicate-row = Repeats row { $peer_row } (same ID, same name); only the earlier row is kept. Delete this one.
import-code-duplicate-person-other-phone = The same person as row { $peer_row }, with another phone. Check which phone is right and keep one row.
import-code-duplicate-person-other-level = The same person as row { $peer_row }, with another level. Check the level and keep one row.
import-code-id-used-with-other-name = { $peer_row ->
    [record] This ID number is on record under another name; this row says { $name }. Check number and name.
   *[other] The ID number is that of row { $peer_row } ({ $other }), but the name is { $name }. Check number and name.
}
import-code-namesake = Has the same name as row { $peer_row } with another ID; they are kept as two people. Make sure they are.
# Attendance.
import-code-not-on-roster = This person is not on the roster of the class, so no attendance was recorded. Add the person to the class first, or delete the row.
import-code-signed-twice = This person has already signed in for the session; only the first entry is kept. Delete the repeated row.
import-code-name-phone-disagree = Name and phone belong to different members of the class. Check both.
import-code-no-sign-out = Signed in but not out. Check whether the person left early.
import-code-session-missing = The class has no such session. Create it first, or choose to create sessions on import.
# Hours.
import-code-unknown-student = No intern has this student number. Check it, or import the roster first.
import-code-unknown-base = No base has this code. Check it, or import the base ledger first.
import-code-name-number-disagree = Name and student number belong to different people. Check both.
import-code-outside-placement = The date lies outside the intern's placement, or there is no placement at this base. Check date and placement.
import-code-end-before-start = The end is before the start. Correct it.
import-code-hours-not-number = The hours are not a number. Write hours such as 7.5.
import-code-hours-exceed-span = The hours exceed the time from start to end. Check hours and times.
import-code-day-over-24-hours = The hours of this day add up to more than 24. Check them.
import-code-overlaps-other-record = Overlaps another entry of the same intern on the same day. Check the times.
import-code-duplicate-record-no = The record number stands twice; only the earlier entry is kept. Use a new number or delete the repeated row.
import-code-supervision-exceeds-hours = The supervision hours exceed the hours of the day. Correct them.
import-code-supervisor-not-of-base = The supervisor does not belong to this base. Check the name, or record the supervisor in the base ledger first.
import-code-not-confirmed = The entry is not yet confirmed by the supervisor, so its hours do not count yet.
import-code-returned = The entry was returned by the supervisor, so its hours do not count. Correct it and hand it in again.
# Registrations.
import-code-unpaid-counts-as-withdrawn = Not paid: counts as withdrawn.
import-code-not-eligible = By education, major and declared years the person does not seem eligible. Please check; the row is kept all the same.
# Results.
import-code-unknown-candidate = There is no registration of this person for the exam year. Check the ID number, or import the registrations first.
import-code-score-not-number = “{ $column }” is not a score. Write a number; -1 for absent, -2 for violation, -4 for void, empty for a subject not taken.
import-code-score-unknown-code = The negative code in “{ $column }” is not known. Codes: -1 absent, -2 violation, -4 void.
import-code-score-over-full-marks = The score in “{ $column }” is above full marks. Check it.
import-code-score-not-half-step = The score in “{ $column }” is not in steps of half a point. Check it.
import-code-violation-with-marks = A violation in one subject beside marks in others: nothing of this sitting counts until a person decides.
# Stations and service records.
import-code-unknown-station = No station has this code. Check it, or import the stations first.
import-code-unknown-service-type = The type of service is not known. Use one of the types given.
import-code-outside-report-year = The date lies outside the year of the report. Check it.
import-code-file-not-found = File { $path } does not exist. Check the path and the name.
import-code-file-not-permitted = File { $path } may not be read. Check its permissions.
import-code-file-is-folder = { $path } is a folder, not a file. Name one of the files in it.
import-code-file-not-read = File { $path } cannot be read ({ $cause }).
import-missing-cohort = Enter the cohort's code.
import-missing-scheme = Enter the code of the scheme (for example social-work).
import-missing-year = Enter the year.
import-missing-class = Enter the class's code.
import-code-too-nested = The page nests its elements more than { $limit } deep, which no table does. Export it again, or save it as xlsx.
