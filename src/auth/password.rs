//! argon2id, off the async threads.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::core::config::SignIn;
use crate::core::{Error, Result};

fn engine(settings: &SignIn) -> Result<Argon2<'static>> {
    let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a random salt; the PHC text holds the parameters.
///
/// # Errors
/// [`Error::Internal`] when the parameters do not fit argon2.
pub async fn hash(settings: &SignIn, plain: &str) -> Result<String> {
    let (engine, plain) = (engine(settings)?, plain.to_owned());
    off(move || engine.hash_password(plain.as_bytes()).map(|h| h.to_string()).map_err(Error::internal)).await?
}

/// Hashes one-time codes of 60 random bits: nothing to guess, so the cost is low and a whole cohort takes a second.
///
/// # Errors
/// [`Error::Internal`] when the worker thread is gone.
pub async fn hash_codes(plain: Vec<String>) -> Result<Vec<String>> {
    let engine =
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(CODE_KIB, 1, 1, None).map_err(Error::internal)?);
    off(move || {
        plain
            .iter()
            .map(|p| engine.hash_password(p.as_bytes()).map(|h| h.to_string()).map_err(Error::internal))
            .collect()
    })
    .await?
}

/// Memory in KiB for one-time codes.
const CODE_KIB: u32 = 64;

/// Whether the password fits the hash. Unless the hash is of full cost (unknown login, one-time code) the full work is
/// done beside it, so that the time taken tells nothing.
///
/// # Errors
/// [`Error::Internal`] when the worker thread is gone.
pub async fn verify(settings: &SignIn, plain: &str, hash: Option<String>) -> Result<bool> {
    let full = settings.argon2_memory_kib;
    let (engine, plain) = (engine(settings)?, plain.to_owned());
    off(move || {
        let parsed = hash.as_deref().and_then(|h| PasswordHash::new(h).ok());
        let cost = parsed.as_ref().and_then(|h| h.params.get_decimal("m")).unwrap_or(0);
        if cost < full {
            // The result is not wanted, only the time; a failure here cannot open anything.
            let _ = engine.hash_password(plain.as_bytes());
        }
        parsed.is_some_and(|h| engine.verify_password(plain.as_bytes(), &h).is_ok())
    })
    .await
}

async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
