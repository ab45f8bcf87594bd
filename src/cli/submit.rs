//! `sim submit`: the script that gives an experiment in parts to a cluster.

use super::again::program;
use super::arguments::{Slurm, Submit};
use super::check::size;
use super::exit::{Ended, Exit, Stop};
use super::load::problems_said;
use super::numbers::{plural, quoted};
use super::shards::divisible;
use super::terminal::Terminal;
use crate::experiment::{self, Plan};
use crate::report::folder::check_target;
use std::path::{Path, PathBuf};

/// The largest array of a Slurm that nobody configured: indices are below its `MaxArraySize` of 1001.
const LARGEST_ARRAY: usize = 1000;

pub(super) fn run(command: &Submit, terminal: &mut Terminal) -> Ended {
    match command {
        Submit::Slurm(command) => slurm(command, terminal),
    }
}

fn slurm(command: &Slurm, terminal: &mut Terminal) -> Ended {
    let label = command.file.display().to_string();
    let plan = divisible(&command.file, &command.sets, command.seeds, terminal)?;
    experiment::check(&label, &plan).map_err(|problems| problems_said(&problems, terminal))?;
    let own = || Path::new("results").join(&plan.scenario.name);
    let target = command.out.clone().unwrap_or_else(own);
    check_target(&target).map_err(|error| {
        let text = format!("{error}\nchoose another folder with --out");
        Stop::error(Exit::Unexpected, text)
    })?;
    let runs = plan.scenario.runs().count();
    let parts = usize::try_from(command.parts).unwrap_or(usize::MAX);
    if parts > runs {
        let few = plural(runs, "run");
        terminal.say(&format!(
            "note: {few}, so no more than {runs} of {parts} parts"
        ));
    }
    let parts = parts.min(runs);
    if parts > LARGEST_ARRAY {
        terminal.say(&format!(
            "note: a Slurm that nobody configured takes arrays of up to {LARGEST_ARRAY}; yours takes fewer than \
             the MaxArraySize in `scontrol show config`"
        ));
    }
    terminal.text(&script(command, &plan, &target, parts)?)?;
    Ok(Exit::Fine)
}

/// Two jobs: the array, and what waits for it.
fn script(command: &Slurm, plan: &Plan, target: &Path, parts: usize) -> Result<String, Stop> {
    let name = &plan.scenario.name;
    let (file, folder) = (path(&command.file)?, path(&parts_of(target)?)?);
    let (part, whole) = (part(command, &folder)?, whole(command, &folder, target)?);
    let options: Result<Vec<String>, Stop> = command.sbatch.iter().map(|text| word(text)).collect();
    let sbatch = [vec!["sbatch --parsable".to_owned()], options?]
        .concat()
        .join(" ");
    let cpus = u32::from(command.jobs) * u32::from(command.shards);
    let (all, size) = (plural(parts, "part"), size(plan));
    Ok(format!(
        "\
#!/bin/bash
# {file}: {size}
# {all}, then a job that puts them together. Submit it from the folder it was printed in.
set -eu
parts=$({sbatch} <<'END'
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=1-{parts}
#SBATCH --cpus-per-task={cpus}
#SBATCH --requeue
#SBATCH --open-mode=append
exec {part}
END
)
whole=$({sbatch} --dependency=\"afterok:${{parts%%;*}}\" --kill-on-invalid-dep=yes <<'END'
#!/bin/bash
#SBATCH --job-name={name}-whole
#SBATCH --cpus-per-task=1
#SBATCH --open-mode=append
exec {whole}
END
)
echo \"submitted: parts as job $parts, the whole as job $whole\"
"
    ))
}

/// The command of a task of the array, which leaves its runs in `folder`.
fn part(command: &Slurm, folder: &str) -> Result<String, Stop> {
    let mut words = vec![program(), "run".to_owned(), path(&command.file)?];
    words.extend(laid_over(command)?);
    words.push(format!("--shard auto --jobs {}", command.jobs));
    words.extend((command.shards > 1).then(|| format!("--shards {}", command.shards)));
    words.push(format!("--out {folder}"));
    Ok(words.join(" "))
}

/// The command of the last job.
fn whole(command: &Slurm, folder: &str, target: &Path) -> Result<String, Stop> {
    let mut words = vec![
        program(),
        "merge".to_owned(),
        path(&command.file)?,
        folder.to_owned(),
    ];
    words.extend(laid_over(command)?);
    words.extend(command.strict.then(|| "--strict".to_owned()));
    words.push(format!("--out {}", path(target)?));
    Ok(words.join(" "))
}

/// What both commands have in common: what is changed in the scenario.
fn laid_over(command: &Slurm) -> Result<Vec<String>, Stop> {
    let sets = command.sets.iter();
    let sets: Result<Vec<_>, Stop> = sets
        .map(|set| Ok(format!("--set {}", word(set)?)))
        .collect();
    let mut words = sets?;
    words.extend(command.seeds.map(|seeds| format!("--seeds {seeds}")));
    Ok(words)
}

/// A path as a word of the script.
fn path(path: &Path) -> Result<String, Stop> {
    let wrong = || Stop::error(Exit::Usage, format!("{} is not UTF-8", path.display()));
    word(path.to_str().ok_or_else(wrong)?)
}

/// A word of the script, as the shell reads it back. A line break would also be one of the script, and
/// could end a job in its middle.
fn word(text: &str) -> Result<String, Stop> {
    if text.chars().any(char::is_control) {
        let text =
            format!("{text:?} has a line break or another control character: not in a script");
        return Err(Stop::error(Exit::Usage, text));
    }
    Ok(quoted(text))
}

/// The folder of complete runs beside the folder of results.
fn parts_of(target: &Path) -> Result<PathBuf, Stop> {
    let name = target.file_name().map(|name| name.to_string_lossy());
    let name = name.ok_or_else(|| Stop::error(Exit::Usage, "a results folder needs a name"))?;
    Ok(target.with_file_name(format!("{name}.parts")))
}
