//! [`Store`]: finished runs on disk, so that an interrupted experiment goes on where it was.

use super::{ExperimentError, VERSION};
use crate::observe::record::Record;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder with one file per finished run, named by the run's content.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: String,
    record: Record,
}

impl Store {
    /// The store beside a results folder: `.NAME.runs`.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn beside(results: &Path) -> Result<Self, ExperimentError> {
        let name = results
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let folder = results.with_file_name(format!(".{name}.runs"));
        fs::create_dir_all(&folder).map_err(|source| fail("create", &folder, source))?;
        Ok(Self { folder })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// The record of a finished run; nothing if it is not there or not whole.
    pub fn load(&self, id: &str) -> Option<Record> {
        let text = fs::read_to_string(self.path(id)).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok()?;
        (kept.version == VERSION).then_some(kept.record)
    }

    /// Keeps a record: written aside, synced, renamed.
    ///
    /// # Errors
    /// If the file system refuses; nothing half-written has the run's name then.
    pub fn save(&self, id: &str, record: &Record) -> Result<(), ExperimentError> {
        let path = self.path(id);
        let aside = self.folder.join(format!("{id}.{}.tmp", std::process::id()));
        let kept = Kept {
            version: VERSION.to_owned(),
            record: record.clone(),
        };
        let text = serde_json::to_vec(&kept).unwrap_or_default();
        let write = || {
            let mut file = fs::File::create(&aside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&aside, &path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&aside);
            fail("write", &path, source)
        })
    }

    /// Removes a store that holds nothing, so that an experiment refused before its first run leaves
    /// none behind.
    pub fn remove_if_empty(&self) {
        // The system removes no folder with something in it.
        let _ = fs::remove_dir(&self.folder);
    }

    /// Removes the store: its runs are in the results now.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn remove(self) -> Result<(), ExperimentError> {
        fs::remove_dir_all(&self.folder).map_err(|source| fail("remove", &self.folder, source))
    }
}

fn fail(action: &'static str, path: &Path, source: std::io::Error) -> ExperimentError {
    ExperimentError::Store {
        action,
        path: path.to_owned(),
        source,
    }
}
