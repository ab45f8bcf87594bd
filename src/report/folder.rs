//! A results folder is whole or not there: written aside, then renamed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The file that every results folder has; a folder with other files and without it is somebody
/// else's, and never replaced.
pub const MARK: &str = "runs.csv";

/// The page for readers.
pub const REPORT: &str = "report.html";

/// All that a results folder holds at its top; a folder with anything else in it is never replaced.
const ENTRIES: [&str; 11] = [
    MARK,
    "scenario.toml",
    "resolved",
    "metrics.csv",
    "summary.csv",
    "expectations.json",
    "notes.txt",
    "charts",
    "host.json",
    REPORT,
    // What a killed `sim report` leaves.
    "report.html.partial",
];

/// Why a results folder could not be written. Nothing half-written is left behind.
#[derive(Debug, Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FolderError {
    /// What was tried: `write`, `create`, `move`.
    pub action: &'static str,
    /// On which path.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

fn fail<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FolderError + 'a {
    move |source| FolderError {
        action,
        path: path.to_owned(),
        source,
    }
}

/// Writes `files` (paths relative to the folder, with `/`) as the folder `target`, replacing an
/// earlier one as a whole, so that no chart of an earlier run stays behind. Writing the same files
/// again leaves the same bytes.
///
/// The new folder grows as `.NAME.partial` beside the target; only when it is complete does it take
/// the target's place by renaming. On an error the earlier folder is as it was.
///
/// # Errors
/// If a relative path leaves the folder, if the target holds files but no [`MARK`] or what no run
/// writes (it is then not ours to replace), or if the file system refuses: full, read-only, a file where
/// the folder should be.
pub fn write_folder<P, B>(target: &Path, files: &[(P, B)]) -> Result<(), FolderError>
where
    P: AsRef<str>,
    B: AsRef<[u8]>,
{
    let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
    let Some(name) = target.file_name() else {
        return Err(fail("write", target)(invalid(
            "a results folder needs a name",
        )));
    };
    for (path, _) in files {
        let path = path.as_ref();
        if path.is_empty()
            || path.split('/').any(|part| matches!(part, "" | "." | ".."))
            || path.contains('\\')
        {
            return Err(fail("write", Path::new(path))(invalid(
                "it would leave the results folder",
            )));
        }
    }
    check_target(target)?;
    let beside = |ending: &str| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(ending);
        target.with_file_name(hidden)
    };
    let (partial, old) = (beside(".partial"), beside(".partial-old"));
    if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(fail("create", parent))?;
    }
    recover(target, &old)?;
    remove(&partial)?;
    let written = fill(&partial, files).and_then(|()| replace(&partial, target, &old));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_dir_all(&partial);
    }
    written
}

/// Whether results may be written as the folder `target`: to ask before the work rather than after.
///
/// # Errors
/// As [`write_folder`], as far as one can tell without writing.
pub fn check_target(target: &Path) -> Result<(), FolderError> {
    let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
    if target.file_name().is_none() {
        let message = "a results folder needs a name";
        return Err(fail("write", target)(invalid(message)));
    }
    if target.exists() && !target.is_dir() {
        let message = "there is a file of that name, not a folder";
        return Err(fail("write", target)(invalid(message)));
    }
    if !replaceable(target).map_err(fail("read", target))? {
        let message = "it holds files but no runs.csv: not a results folder, so it is not replaced";
        return Err(fail("write", target)(invalid(message)));
    }
    if let Some(name) = foreign(target).map_err(fail("read", target))? {
        let message = format!("it holds `{name}`, which no run writes, so it is not replaced");
        return Err(fail("write", target)(io::Error::new(
            io::ErrorKind::InvalidInput,
            message,
        )));
    }
    Ok(())
}

/// The first name in the folder that is none of [`ENTRIES`].
fn foreign(target: &Path) -> io::Result<Option<String>> {
    if !target.exists() {
        return Ok(None);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(target)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names.into_iter().find(|name| !ENTRIES.contains(&&**name)))
}

/// Whether nothing but results would be lost: the folder is absent, empty, or has a [`MARK`].
fn replaceable(target: &Path) -> io::Result<bool> {
    if !target.exists() || target.join(MARK).exists() {
        return Ok(true);
    }
    Ok(fs::read_dir(target)?.next().is_none())
}

/// If an earlier process was killed between its two renames, the old folder is put back.
fn recover(target: &Path, old: &Path) -> Result<(), FolderError> {
    if old.exists() && !target.exists() {
        fs::rename(old, target).map_err(fail("move", old))?;
    }
    remove(old)
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fail("remove", path)(error)),
        _ => Ok(()),
    }
}

fn fill<P: AsRef<str>, B: AsRef<[u8]>>(folder: &Path, files: &[(P, B)]) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(fail("create", folder))?;
    for (path, bytes) in files {
        let path = folder.join(path.as_ref());
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(fail("create", parent))?;
        write_synced(&path, bytes.as_ref()).map_err(fail("write", &path))?;
    }
    Ok(())
}

/// Bytes are on the disk before the rename is, or a power cut could leave empty files.
fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write;
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn replace(partial: &Path, target: &Path, old: &Path) -> Result<(), FolderError> {
    let had_one = target.exists();
    if had_one {
        fs::rename(target, old).map_err(fail("move", target))?;
    }
    if let Err(error) = fs::rename(partial, target) {
        if had_one {
            let _ = fs::rename(old, target);
        }
        return Err(fail("move", partial)(error));
    }
    remove(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fresh folder of this test's own.
    fn place(name: &str) -> PathBuf {
        let place = std::env::temp_dir().join(format!("peerlab-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        place
    }

    fn listing(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("folder is there");
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        let place = place("whole");
        let target = place.join("results/eclipse");
        write_folder(&target, &[("runs.csv", "1"), ("charts/old.svg", "x")]).unwrap();
        write_folder(&target, &[("runs.csv", "2"), ("charts/new.svg", "y")]).unwrap();
        assert_eq!(fs::read(target.join("runs.csv")).unwrap(), b"2");
        assert_eq!(listing(&target.join("charts")), ["new.svg"]);
        assert_eq!(listing(&place.join("results")), ["eclipse"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn an_error_names_the_path_and_leaves_the_old_folder() {
        let place = place("error");
        let target = place.join("eclipse");
        write_folder(&target, &[("runs.csv", "1")]).unwrap();
        // `charts` cannot be both a file and a folder: the second write must fail half-way.
        let error = write_folder(&target, &[("charts", "1"), ("charts/a.svg", "2")]).unwrap_err();
        assert!(error.to_string().contains("charts"), "{error}");
        assert_eq!(listing(&target), ["runs.csv"]);
        assert_eq!(listing(&place), ["eclipse"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_folder_of_other_things_is_not_replaced() {
        let place = place("other");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("thesis.tex"), "years of work").unwrap();
        let error = write_folder(&place, &[("runs.csv", "1")]).unwrap_err();
        assert!(
            error.to_string().contains("not a results folder"),
            "{error}"
        );
        assert_eq!(listing(&place), ["thesis.tex"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn results_with_something_beside_them_are_not_replaced() {
        let place = place("beside");
        write_folder(&place, &[("runs.csv", "1")]).unwrap();
        fs::write(place.join("thesis.tex"), "years of work").unwrap();
        let error = write_folder(&place, &[("runs.csv", "2")]).unwrap_err();
        assert!(error.to_string().contains("`thesis.tex`"), "{error}");
        assert_eq!(listing(&place), ["runs.csv", "thesis.tex"]);
        assert_eq!(fs::read(place.join("runs.csv")).unwrap(), b"1");
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_a_killed_process_left_is_cleared() {
        let place = place("killed");
        let target = place.join("eclipse");
        fs::create_dir_all(place.join(".eclipse.partial/charts")).unwrap();
        fs::create_dir_all(place.join(".eclipse.partial-old")).unwrap();
        write_folder(&target, &[("runs.csv", "1")]).unwrap();
        assert_eq!(
            (listing(&place), listing(&target)),
            (vec!["eclipse".into()], vec!["runs.csv".into()])
        );
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn paths_stay_inside_and_files_are_not_folders() {
        let place = place("inside");
        for path in ["../x", "/x", "a//b", "", "a/./b", "a\\b"] {
            assert!(
                write_folder(&place.join("e"), &[(path, "1")]).is_err(),
                "{path}"
            );
        }
        assert!(!place.exists());
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("e"), "mine").unwrap();
        let error = write_folder(&place.join("e"), &[("a", "1")]).unwrap_err();
        assert!(error.to_string().contains("there is a file"), "{error}");
        assert_eq!(fs::read(place.join("e")).unwrap(), b"mine");
        fs::remove_dir_all(place).unwrap();
    }
}
