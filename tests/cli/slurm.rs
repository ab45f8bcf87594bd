//! The same under a real Slurm, which `tests/slurm/cluster.sh` starts on this machine: skipped where there is
//! none.

use super::{Place, assert_same, contents, text};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A Slurm of its own, which ends with the test.
struct Cluster {
    place: Place,
    daemons: Child,
}

impl Cluster {
    /// `None` if there is no Slurm on this machine.
    fn start() -> Option<Self> {
        let there = |name: &&str| {
            let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
            std::env::split_paths(&path).any(|folder| folder.join(name).exists())
        };
        if !["sbatch", "slurmctld", "slurmd", "munged"]
            .iter()
            .all(there)
        {
            return None;
        }
        let place = Place::new("slurm");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        // Ports that are free: both are held until both are known.
        let ports = [0, 1].map(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
        let ports = ports.map(|port| port.local_addr().expect("an address").port().to_string());
        let daemons = Command::new(root.join("tests/slurm/cluster.sh"))
            .arg(place.0.join("cluster"))
            .args(ports)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut cluster = Self { place, daemons };
        let mut ready = String::new();
        let pipe = cluster.daemons.stdout.take().expect("a pipe");
        BufReader::new(pipe).read_line(&mut ready).expect("text");
        if ready != "ready\n" {
            let mut said = String::new();
            let pipe = cluster.daemons.stderr.as_mut().expect("a pipe");
            pipe.read_to_string(&mut said).expect("text");
            panic!("{said}");
        }
        Some(cluster)
    }

    /// What a program of Slurm says.
    fn slurm(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program, arguments).output();
        let output = output.expect("a program of Slurm");
        let (said, error) = (text(&output.stdout), text(&output.stderr));
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {said}{error}"
        );
        said
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.place.0)
            .env("SLURM_CONF", self.place.0.join("cluster/slurm.conf"));
        command
    }

    /// A field of a job, such as `JobState`.
    fn field(&self, job: &str, name: &str) -> String {
        let said = self.slurm("scontrol", &["--oneliner", "show", "job", job]);
        let mut words = said.split_whitespace();
        let value = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        value
            .unwrap_or_else(|| panic!("no {name} in {said}"))
            .to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its input ends, and the script with all that it started.
        drop(self.daemons.stdin.take());
        let _ = self.daemons.wait();
    }
}

/// Asks until there is an answer, for two minutes.
fn wait<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    for _ in 0..12_000 {
        if let Some(answer) = answer() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("two minutes, and not yet: {what}");
}

/// The files of the second of four parts.
fn second_part(place: &Place, seeds: &str) -> BTreeSet<String> {
    let output = place.sim(&["plan", "small.toml", "--set", seeds]);
    let plan = text(&output.stdout);
    let runs = plan.lines().skip(1 + 1).step_by(4);
    let ids = runs.map(|line| line.rsplit(',').next().expect("an id"));
    ids.map(|id| format!("{id}.json")).collect()
}

#[test]
fn an_array_with_a_killed_part_is_the_whole() {
    let Some(cluster) = Cluster::start() else {
        #[expect(clippy::print_stderr, reason = "the notice that nothing was tested")]
        {
            eprintln!("skipped: no Slurm on this machine (Debian: slurm-wlm, munge)");
        }
        return;
    };
    let place = &cluster.place;
    let many = ["--seeds", "300"];
    let whole = place.results(&many);
    fs::remove_dir_all(place.0.join("results")).expect("results to remove");
    let submit = [
        &["submit", "slurm", "small.toml", "--parts", "4"][..],
        &many,
    ]
    .concat();
    let script = place.sim(&submit);
    place.write("script.sh", &text(&script.stdout));
    let said = cluster.slurm("bash", &["script.sh"]);
    let words: Vec<&str> = said.trim_end().split([' ', ',']).collect();
    let (parts, last) = (words[4], words[words.len() - 1]);
    // Killed when some of its runs are there.
    let mine = second_part(place, "seeds.count=300");
    assert_eq!(mine.len(), 225);
    let complete = || -> usize {
        let there = fs::read_dir(place.0.join("results/small.parts")).into_iter();
        let names = there
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| mine.contains(name)).count()
    };
    wait("runs of the second part", || (complete() > 5).then_some(()));
    let second = format!("{parts}_2");
    cluster.slurm("scontrol", &["requeue", &second]);
    // Slurm lets two minutes pass before it starts what was requeued.
    wait("the end of what was killed", || {
        (cluster.field(&second, "JobState") == "PENDING").then_some(())
    });
    let before = complete();
    assert!(
        (1..mine.len()).contains(&before),
        "killed too late: {before} runs"
    );
    // Not at once: permits from before the second in which it was killed are revoked, and the new one
    // would be among them.
    cluster.slurm(
        "scontrol",
        &[
            "update",
            &format!("JobId={second}"),
            "StartTime=now+2seconds",
        ],
    );
    let ended = wait("the whole", || {
        let state = cluster.field(last, "JobState");
        (!["PENDING", "RUNNING", "COMPLETING"].contains(&&*state)).then_some(state)
    });
    let log = |job: &str| fs::read_to_string(place.0.join(format!("slurm-{job}.out")));
    let words = log(&second).expect("the log of the second part");
    assert_eq!(
        ended,
        "COMPLETED",
        "{words}{}",
        log(last).unwrap_or_default()
    );
    assert_eq!(cluster.field(&second, "Restarts"), "1");
    // It went on from what was there, and did nothing twice.
    let new = mine.len() - before;
    let expected = format!("225 runs in results/small.parts, {new} of them new");
    assert!(words.contains(&expected), "{expected}: {words}");
    assert_same(&whole, &contents(&place.0.join("results/small")));
}
