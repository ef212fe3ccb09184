//! The rule files of `config/` (jobs, schemes, cycles, reminders): built into the binary, and replaced by a file or
//! folder of the same name that lies beside the settings file of `--config`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rust_embed::Embed;

use super::error::{Error, Result};

#[derive(Embed)]
#[folder = "config/"]
struct BuiltIn;

/// A built-in file by its path below `config/`.
#[must_use]
pub fn built_in(path: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    BuiltIn::get(path).map(|f| f.data)
}

/// One rule file: `name` is how messages call it, as a person would look for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    pub name: String,
    pub text: String,
}

/// Rules that are read once in a process for each settings file, for a `static` of the feature they belong to.
#[derive(Debug)]
pub struct ReadOnce<T>(Mutex<BTreeMap<Option<PathBuf>, Arc<T>>>);

impl<T> ReadOnce<T> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only a const function can stand in a static")]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// What was read for this settings file, read now if it was not.
    ///
    /// # Errors
    /// As `load`; it is tried again the next time.
    pub fn get(&self, settings_file: Option<&Path>, load: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = settings_file.map(Path::to_path_buf);
        if let Some(found) = known.get(&key) {
            return Ok(found.clone());
        }
        let fresh = Arc::new(load()?);
        known.insert(key, fresh.clone());
        Ok(fresh)
    }
}

/// Where rule files are looked for.
#[derive(Clone, Debug, Default)]
pub struct RuleFiles {
    beside: Option<PathBuf>,
}

impl RuleFiles {
    /// The built-in files, overridden by those in the folder of the settings file.
    #[must_use]
    pub fn beside(settings_file: Option<&Path>) -> Self {
        let dir = settings_file.map(|f| match f.parent() {
            Some(d) if !d.as_os_str().is_empty() => d.to_path_buf(),
            _ => PathBuf::from("."),
        });
        Self { beside: dir }
    }

    /// One file by its path below `config/`, such as `jobs.toml`.
    ///
    /// # Errors
    /// [`Error::Setup`] naming the file when it cannot be read.
    pub fn read(&self, path: &str) -> Result<RuleFile> {
        if let Some(file) = self.beside.as_ref().map(|d| d.join(path)).filter(|f| f.is_file()) {
            return from_disk(&file);
        }
        let found = BuiltIn::get(path).ok_or_else(|| Error::Setup(format!("config/{path}: no such file")))?;
        let text = String::from_utf8(found.data.into_owned())
            .map_err(|_| Error::Setup(format!("config/{path}: expected text in UTF-8")))?;
        Ok(RuleFile { name: format!("config/{path}"), text })
    }

    /// All `.toml` files directly in a folder below `config/`, by name. A folder beside the settings file replaces the
    /// built-in one as a whole, so that a rule can also be taken away.
    ///
    /// # Errors
    /// [`Error::Setup`] naming the file or folder that cannot be read.
    pub fn folder(&self, folder: &str) -> Result<Vec<RuleFile>> {
        if let Some(dir) = self.beside.as_ref().map(|d| d.join(folder)).filter(|d| d.is_dir()) {
            let list = std::fs::read_dir(&dir).map_err(|e| Error::Setup(format!("{}: {e}", dir.display())))?;
            let mut files: Vec<PathBuf> = list.filter_map(|e| e.ok().map(|e| e.path())).collect();
            files.retain(|f| f.extension().is_some_and(|x| x == "toml") && f.is_file());
            files.sort();
            return files.iter().map(|f| from_disk(f)).collect();
        }
        let prefix = format!("{folder}/");
        let mut names: Vec<String> = BuiltIn::iter()
            .filter(|n| n.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('/') && n.ends_with(".toml")))
            .map(std::borrow::Cow::into_owned)
            .collect();
        names.sort();
        let built_in = Self::default();
        names.iter().map(|n| built_in.read(n)).collect()
    }
}

fn from_disk(file: &Path) -> Result<RuleFile> {
    let name = file.display().to_string();
    match std::fs::read(file) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::Setup(format!("{name}: expected text in UTF-8; save the file again as UTF-8")))?;
            Ok(RuleFile { name, text })
        }
        Err(e) => Err(Error::Setup(format!("{name}: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_the_settings_wins_over_the_built_in_one() {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("my.toml");
        let files = RuleFiles::beside(Some(&settings));
        assert_eq!(files.read("default.toml").unwrap().name, "config/default.toml");
        std::fs::write(dir.path().join("default.toml"), "a = 1").unwrap();
        assert_eq!(files.read("default.toml").unwrap().text, "a = 1");
        assert!(files.read("none.toml").unwrap_err().to_string().contains("config/none.toml"));
        std::fs::create_dir(dir.path().join("reminders")).unwrap();
        assert_eq!(files.folder("reminders").unwrap(), []);
    }
}
