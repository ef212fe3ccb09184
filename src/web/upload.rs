//! Forms with a file: the size limit is enforced while reading, so that nothing larger is ever held.

use std::collections::BTreeMap;

use poem::web::Multipart;
use poem::{FromRequest, Request, RequestBody};
use tokio::io::AsyncReadExt;

use super::error::Bad;
use super::form::{MAX_FORM, too_large};
use super::ui::Ui;

/// One file of an upload.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    /// The form's field.
    pub field: String,
    /// The name the browser gave; only for showing.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Extractor of a multipart form: the token in the field `csrf` is checked, all files together may have
/// `import.max_bytes`, all other fields together one MiB.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub fields: BTreeMap<String, String>,
    pub files: Vec<UploadedFile>,
}

impl Upload {
    /// The value of a field, empty when absent.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The first file that is not empty of name.
    #[must_use]
    pub fn file(&self) -> Option<&UploadedFile> {
        self.files.first()
    }

    /// Reads a multipart body without asking for a token (the API needs none).
    ///
    /// # Errors
    /// [`crate::core::Error::TooLarge`] naming the limit; [`Bad::Form`] when the body is not a whole multipart form.
    pub async fn read(mut parts: Multipart, max_bytes: u64) -> poem::Result<Self> {
        let mut out = Self::default();
        let (mut left_file, mut left_text) = (max_bytes, MAX_FORM as u64);
        while let Some(part) = parts.next_field().await.map_err(|_| Bad::Form)? {
            let field = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let (left, limit) =
                if file_name.is_some() { (&mut left_file, max_bytes) } else { (&mut left_text, MAX_FORM as u64) };
            let mut bytes = Vec::new();
            part.into_async_read().take(*left + 1).read_to_end(&mut bytes).await.map_err(|_| Bad::Form)?;
            *left = left.checked_sub(bytes.len() as u64).ok_or_else(|| too_large(limit))?;
            match file_name {
                Some(name) if !name.is_empty() => out.files.push(UploadedFile { field, name, bytes }),
                Some(_) => {}
                None => {
                    out.fields.insert(field, String::from_utf8(bytes).map_err(|_| Bad::Form)?);
                }
            }
        }
        Ok(out)
    }
}

impl<'a> FromRequest<'a> for Upload {
    async fn from_request(req: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let ui = Ui::from_request(req, &mut RequestBody::default()).await?;
        let limit = ui.cx.settings.import.max_bytes;
        let declared: Option<u64> = req.header("content-length").and_then(|v| v.parse().ok());
        if declared.is_some_and(|d| d > limit + MAX_FORM as u64) {
            return Err(too_large(limit).into());
        }
        let parts = Multipart::from_request(req, body).await.map_err(|_| Bad::Form)?;
        let upload = Self::read(parts, limit).await?;
        if ui.csrf_fits(upload.field("csrf")) { Ok(upload) } else { Err(Bad::Token.into()) }
    }
}
