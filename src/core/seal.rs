//! Keeps ID numbers unreadable at rest and still findable.
//!
//! One 32-byte master key lies in a file of its own (mode 600, beside the database unless set otherwise). Two keys are
//! derived from it: one encrypts (AES-256-GCM, random nonce), one makes the keyed hash by which a number is looked up.
//! A key that does not fit the database is a named error; a new key is made only where the database is new too.

use std::io::Write;
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as B64;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::error::{Error, Result};

type HmacSha256 = Hmac<Sha256>;

/// The derived keys; cheap to clone, never printed.
#[derive(Clone)]
pub struct Seal {
    cipher: Aes256Gcm,
    hash_key: [u8; 32],
    form_key: [u8; 32],
    check: String,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    /// Derives the keys from the master key.
    ///
    /// # Errors
    /// None in practice: HMAC takes keys of any length.
    pub fn new(master: &[u8; 32]) -> Result<Self> {
        let enc = derive(master, b"yanzhen id encryption v1")?;
        let cipher = Aes256Gcm::new_from_slice(&enc).map_err(Error::internal)?;
        Ok(Self {
            cipher,
            hash_key: derive(master, b"yanzhen id lookup v1")?,
            form_key: derive(master, b"yanzhen forms and links v1")?,
            check: hex::encode(&derive(master, b"yanzhen key check v1")?[..8]),
        })
    }

    /// Reads the key file, or makes one (mode 600) when it is absent and `may_create`.
    ///
    /// # Errors
    /// [`Error::Setup`] naming the file when it is missing, unreadable or not 64 hex digits.
    pub fn load(file: &Path, may_create: bool) -> Result<Self> {
        let name = file.display();
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let bytes = hex::decode(text.trim())
                    .ok()
                    .and_then(|b| <[u8; 32]>::try_from(b).ok())
                    .ok_or_else(|| Error::Setup(format!("secrets.key_file {name}: expected 64 hexadecimal digits")))?;
                Self::new(&bytes)
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_create => {
                let key: [u8; 32] = rand::random();
                write_private(file, &hex::encode(key))
                    .map_err(|e| Error::Setup(format!("secrets.key_file {name}: cannot be written: {e}")))?;
                Self::new(&key)
            }
            Err(e) => Err(Error::Setup(format!(
                "secrets.key_file {name}: {e}. The database holds ID numbers sealed with this key: put the key file back \
                 from your backup. A new key could not read them."
            ))),
        }
    }

    /// A short value stored in the database to tell a wrong key from the right one.
    #[must_use]
    pub fn check(&self) -> &str {
        &self.check
    }

    /// Encrypts; the result is base64 of nonce and ciphertext.
    ///
    /// # Errors
    /// Only if the cipher refuses, which it does for texts of gigabytes.
    pub fn seal(&self, plain: &str) -> Result<String> {
        Ok(B64.encode(self.seal_bytes(plain.as_bytes())?))
    }

    /// Encrypts a file: nonce and ciphertext.
    ///
    /// # Errors
    /// As [`Seal::seal`].
    pub fn seal_bytes(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; 12] = rand::random();
        let boxed = self.cipher.encrypt(&Nonce::from(nonce), plain).map_err(Error::internal)?;
        let mut out = nonce.to_vec();
        out.extend_from_slice(&boxed);
        Ok(out)
    }

    /// Decrypts what [`Seal::seal`] made.
    ///
    /// # Errors
    /// [`Error::Internal`] when the text was not sealed with this key.
    pub fn open(&self, sealed: &str) -> Result<String> {
        let raw = B64.decode(sealed).map_err(Error::internal)?;
        String::from_utf8(self.open_bytes(&raw)?).map_err(Error::internal)
    }

    /// Decrypts what [`Seal::seal_bytes`] made.
    ///
    /// # Errors
    /// As [`Seal::open`].
    pub fn open_bytes(&self, raw: &[u8]) -> Result<Vec<u8>> {
        let (nonce, boxed) = raw.split_at_checked(12).ok_or_else(|| Error::internal("sealed text too short"))?;
        let nonce = <[u8; 12]>::try_from(nonce).map_err(Error::internal)?;
        self.cipher.decrypt(&Nonce::from(nonce), boxed).map_err(|_| Error::internal("sealed with another key"))
    }

    /// The keyed hash by which an ID number is found: 64 hex digits over type and tidied number.
    #[must_use]
    pub fn lookup(&self, id_type: &str, id_no: &str) -> String {
        hex::encode(self.mac(&self.hash_key, &[id_type.as_bytes(), id_no.as_bytes()]))
    }

    /// Signs a link or form value for one purpose; 64 hex digits.
    #[must_use]
    pub fn sign(&self, purpose: &str, value: &str) -> String {
        hex::encode(self.mac(&self.form_key, &[purpose.as_bytes(), value.as_bytes()]))
    }

    #[expect(clippy::unused_self, reason = "kept a method so that keys never leave this file")]
    fn mac(&self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        let mut all = Vec::new();
        for p in parts {
            all.extend_from_slice(&(p.len() as u64).to_be_bytes());
            all.extend_from_slice(p);
        }
        keyed(key, &all)
    }
}

fn derive(master: &[u8; 32], label: &[u8]) -> Result<[u8; 32]> {
    Ok(keyed(master, label))
}

/// HMAC-SHA-256; a 32-byte key is always accepted, so the plain hash stands only for a case that cannot come.
fn keyed(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    <HmacSha256 as KeyInit>::new_from_slice(key).map_or_else(
        |_| Sha256::digest([key.as_slice(), data].concat()).into(),
        |mut m| {
            m.update(data);
            m.finalize().into_bytes().into()
        },
    )
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(dir) = file.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir)?;
    }
    let mut opts = std::fs::OpenOptions::new();
    opts.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut opts, 0o600);
    let mut f = opts.open(file)?;
    f.write_all(text.as_bytes())?;
    f.sync_all()
}

/// The hash under which a random token (login session, API token) is kept: the token itself is never stored.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// A random token of 32 bytes as 64 hex digits.
#[must_use]
pub fn new_token() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_with_its_key_only_and_never_twice_alike() {
        let a = Seal::new(&[1; 32]).unwrap();
        let b = Seal::new(&[2; 32]).unwrap();
        let s = a.seal("99012119900101123X").unwrap();
        assert_ne!(s, a.seal("99012119900101123X").unwrap());
        assert_eq!(a.open(&s).unwrap(), "99012119900101123X");
        assert!(b.open(&s).is_err());
        assert_eq!(a.lookup("id", "1"), a.lookup("id", "1"));
        assert_ne!(a.lookup("id", "1"), b.lookup("id", "1"));
        assert_ne!(a.lookup("id1", ""), a.lookup("id", "1"));
        assert_ne!(a.check(), b.check());
    }
}
