# The outbox
mail-cannot-cancel = Only a mail that is still to be sent can be cancelled.
mail-cannot-resend = This mail is still waiting to be sent; there is no need to send it again.
mail-note-by-hand = by hand
mail-note-interrupted = the process that sent it was interrupted; it goes out again with the same Message-ID
mail-note-missed = its window had passed; not sent
mail-report = Sent { $sent }, to be tried again { $retry }, failed { $failed }, cancelled { $cancelled }, missed { $missed }.
mail-note-moved = its moment has moved
