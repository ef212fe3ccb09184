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

/// Hashes many passwords, one after the other, away from the async threads.
///
/// # Errors
/// As [`hash`].
pub async fn hash_all(settings: &SignIn, plain: Vec<String>) -> Result<Vec<String>> {
    let engine = engine(settings)?;
    off(move || {
        plain
            .iter()
            .map(|p| engine.hash_password(p.as_bytes()).map(|h| h.to_string()).map_err(Error::internal))
            .collect()
    })
    .await?
}

/// Whether the password fits the hash. Without a hash (unknown login) the same work is done and the answer is no.
///
/// # Errors
/// [`Error::Internal`] when the worker thread is gone.
pub async fn verify(settings: &SignIn, plain: &str, hash: Option<String>) -> Result<bool> {
    let (engine, plain) = (engine(settings)?, plain.to_owned());
    off(move || match hash.as_deref().and_then(|h| PasswordHash::new(h).ok()) {
        Some(parsed) => engine.verify_password(plain.as_bytes(), &parsed).is_ok(),
        None => {
            let _ = engine.hash_password(plain.as_bytes());
            false
        }
    })
    .await
}

async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
