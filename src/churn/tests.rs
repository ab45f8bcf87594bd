use super::*;
use crate::quantity::Share;

const MINUTE: f64 = 60.0;

fn rng(state: u64) -> PeerRng {
    PeerRng::from_state(state)
}

fn exponential(mean: Duration) -> Lifetime {
    Lifetime::Exponential(ExponentialLife { mean })
}

fn build(config: &ChurnConfig, peers: u32) -> Churn {
    let population = Population::uniform(peers);
    Churn::build(config, &Files::default(), &population, &Streams::new(1)).expect("valid")
}

/// The share of `peers` that is up at each of these times.
fn shares_up(config: &ChurnConfig, peers: u32, times: &[Instant]) -> Vec<f64> {
    let churn = build(config, peers);
    let streams = Streams::new(5);
    let mut up_at = vec![0u32; times.len()];
    for peer in 0..peers {
        let mut rng = streams.peer(Purpose::Churn, 0, peer);
        let (mut up, mut change) = churn.initial(PeerId(peer), &mut rng);
        for (&time, count) in times.iter().zip(&mut up_at) {
            while let Some(now) = change.filter(|&now| now <= time) {
                up = !up;
                change = churn.next(PeerId(peer), now, up, &mut rng);
            }
            *count += u32::from(up);
        }
    }
    up_at
        .iter()
        .map(|&up| f64::from(up) / f64::from(peers))
        .collect()
}

/// L1: the samples are Weibull. Kolmogorov-Smirnov distance below 0.01 at 10^5 samples.
#[test]
fn sessions_have_their_distribution() {
    let (session, absence) = ChurnPreset::Kad2007.lives();
    for life in [session, absence, exponential(Duration::from_mins(60))] {
        let mut rng = rng(31);
        let n = 100_000;
        let mut samples: Vec<Duration> = (0..n).map(|_| life.sample(&mut rng)).collect();
        samples.sort_unstable();
        let gap = |(i, &time): (usize, &Duration)| {
            let below = 1.0 - life.survival(time);
            let (low, high) = (i as f64 / f64::from(n), (i + 1) as f64 / f64::from(n));
            (below - low).abs().max((high - below).abs())
        };
        let distance = samples.iter().enumerate().map(gap).fold(0.0, f64::max);
        assert!(distance < 0.01, "{life:?}: {distance}");
    }
}

/// L2: mean, median, mean residual life and availability of KAD, each from the formula (to the
/// figures given) and from samples (2 %).
#[test]
fn kad_has_its_published_means() {
    let (session, absence) = ChurnPreset::Kad2007.lives();
    assert!((session.mean() / MINUTE - 247.1).abs() < 0.05);
    assert!((session.mean_residual() / MINUTE - 482.7).abs() < 0.05);
    assert!((availability(&Law::Closed(session), &Law::Closed(absence)) - 0.214).abs() < 5e-4);
    let mut rng = rng(32);
    let n = 200_000;
    let mut samples: Vec<f64> = (0..n)
        .map(|_| session.sample(&mut rng).as_secs_f64())
        .collect();
    let mean = samples.iter().sum::<f64>() / f64::from(n) / MINUTE;
    assert!((mean / 247.1 - 1.0).abs() < 0.02, "{mean}");
    samples.sort_unstable_by(f64::total_cmp);
    let median = samples[samples.len() / 2] / MINUTE;
    assert!((median / 93.4 - 1.0).abs() < 0.02, "{median}");
    let residuals = (0..n).map(|_| session.residual(&mut rng).as_secs_f64());
    let residual = residuals.sum::<f64>() / f64::from(n) / MINUTE;
    assert!((residual / 482.7 - 1.0).abs() < 0.02, "{residual}");
}

/// The whole residual distribution, not only its mean: for shape 1/2, P[R > t] with x = sqrt(t /
/// scale) is (1 + x) e^-x (the integral of e^-sqrt(u), divided by the mean, 2).
#[test]
fn residual_lives_have_the_equilibrium_distribution() {
    let life = Lifetime::Weibull(WeibullLife {
        shape: 0.5,
        scale: Duration::from_secs(1),
    });
    let mut rng = rng(33);
    let n = 100_000;
    let mut samples: Vec<f64> = (0..n)
        .map(|_| life.residual(&mut rng).as_secs_f64())
        .collect();
    samples.sort_unstable_by(f64::total_cmp);
    let gap = |(i, &time): (usize, &f64)| {
        let x = time.sqrt();
        let below = 1.0 - (1.0 + x) * crate::math::exp(-x);
        (below - (i as f64 + 0.5) / f64::from(n)).abs()
    };
    let distance = samples.iter().enumerate().map(gap).fold(0.0, f64::max);
    // 1.95 / sqrt(n) is the 99.9 % point of the Kolmogorov distribution.
    assert!(distance < 1.95 / f64::from(n).sqrt(), "{distance}");
}

/// A shape of 1 is exponential, whose residual life is a whole life.
#[test]
fn a_weibull_of_shape_one_has_no_memory() {
    let life = Lifetime::Weibull(WeibullLife {
        shape: 1.0,
        scale: Duration::from_secs(1),
    });
    assert!((life.mean() - 1.0).abs() < 1e-12 && (life.mean_residual() - 1.0).abs() < 1e-12);
    let mut rng = rng(34);
    let n = 100_000;
    let longer = (0..n)
        .filter(|_| life.residual(&mut rng) > Duration::from_secs(1))
        .count();
    // Four standard errors of a proportion of 1/e.
    let share = longer as f64 / f64::from(n);
    assert!(
        (share - crate::math::exp(-1.0)).abs() < 4.0 * 0.00153,
        "{share}"
    );
}

/// The start is stationary: as many are up at first as ever after.
#[test]
fn the_share_of_peers_up_does_not_drift() {
    let times = [0, 1, 10, 100].map(|hours| Instant::ZERO + Duration::from_hours(hours));
    let kad = ChurnConfig::of_preset(ChurnPreset::Kad2007);
    // Four standard errors at 20 000 peers are 0.0116.
    for share in shares_up(&kad, 20_000, &times) {
        assert!((share - 0.2141).abs() < 0.0116, "{share}");
    }
}

/// L7: `OverSim`'s churn keeps half of twice as many peers online, within a point.
#[test]
fn oversim_keeps_half_online() {
    let config = ChurnConfig::of_preset(ChurnPreset::Oversim);
    let population = config.population_for(10_000, &Files::default());
    assert_eq!(population, Ok(20_000));
    let times = [0, 5000, 50_000].map(|secs| Instant::ZERO + Duration::from_secs(secs));
    for share in shares_up(&config, 20_000, &times) {
        assert!((share - 0.5).abs() < 0.01, "{share}");
    }
}

/// L9: how many contacts are dead between two checks.
#[test]
fn contacts_go_stale_at_the_known_rate() {
    let life = Duration::from_mins(60);
    let mut rng = rng(35);
    for (refresh, expected) in [(10, 0.079), (60, 0.368), (600, 0.900)] {
        let refresh = Duration::from_mins(refresh);
        let exact = stale_share(refresh, life);
        assert!((exact - expected).abs() < 5e-4, "{exact}");
        let n = 200_000;
        let dead = (0..n).filter(|_| {
            let age = rng.between(Duration::ZERO, refresh);
            exponential(life).sample(&mut rng) < age
        });
        let share = dead.count() as f64 / f64::from(n);
        assert!((share / exact - 1.0).abs() < 0.02, "{share} for {exact}");
    }
}

#[test]
fn a_share_churns_and_the_rest_stays() {
    let mut config = ChurnConfig::of_preset(ChurnPreset::Oversim);
    config.share = Share(0.3);
    let churn = build(&config, 1000);
    let churning: Vec<_> = (0..1000).map(PeerId).filter(|&p| churn.churns(p)).collect();
    assert_eq!(churning.len(), 300);
    for peer in (0..1000).map(PeerId).filter(|p| !churning.contains(p)) {
        assert_eq!(churn.initial(peer, &mut rng(1)), (true, None));
    }
    // 0.7 + 0.3 / 2 = 0.85 are up.
    assert_eq!(config.population_for(850, &Files::default()), Ok(1000));
    assert!(Churn::none().is_none() && !Churn::none().churns(PeerId(0)));
}

#[test]
fn a_trace_is_replayed() {
    let text = "peer,up_s,down_s\nx,0,10\ny,5,20\n";
    let files = Files([("t.csv".to_owned(), text.to_owned())].into());
    let config: ChurnConfig =
        toml::from_str("trace = \"t.csv\"\ndeparture = \"graceful\"").expect("readable");
    assert_eq!(config.files(), [("churn.trace", "t.csv")]);
    let population = Population::uniform(4);
    let churn = Churn::build(&config, &files, &population, &Streams::new(1)).expect("valid");
    assert!(churn.graceful());
    let starts = (0..4).map(|p| churn.initial(PeerId(p), &mut rng(1)));
    let mut starts: Vec<_> = starts.collect();
    starts.sort_unstable();
    let at = |secs| Some(Instant::ZERO + Duration::from_secs(secs));
    let expected = [
        (false, at(5)),
        (false, at(5)),
        (true, at(10)),
        (true, at(10)),
    ];
    assert_eq!(starts, expected);
    // Up 10 and 15 of 20 s each: 5/8.
    assert_eq!(config.population_for(5, &files), Ok(8));
    assert!(config.population_for(5, &Files::default()).is_err());
}

#[test]
fn what_is_wrong_is_said() {
    let problems = |text: &str| {
        let mut problems = Vec::new();
        let config: ChurnConfig = toml::from_str(text).expect("readable");
        config.validate(&mut problems);
        problems
            .into_iter()
            .map(|(key, message, _)| (key, message))
            .collect::<Vec<_>>()
    };
    let hour = "{ exponential = { mean = \"1 h\" } }";
    assert!(problems(&format!("session = {hour}\nabsence = {hour}")).is_empty());
    assert_eq!(problems("")[0].1, "no source of lives");
    assert_eq!(
        problems(&format!("session = {hour}"))[0].1,
        "without `absence`"
    );
    assert_eq!(
        problems(&format!(
            "preset = \"oversim\"\nsession = {hour}\nabsence = {hour}"
        ))[0]
            .1,
        "more than one source of lives"
    );
    let never = "{ exponential = { mean = \"0 s\" } }";
    let wrong = problems(&format!("session = {never}\nabsence = {hour}"));
    assert_eq!(
        wrong[0],
        ("session".to_owned(), "the mean is zero".to_owned())
    );
    let weibull = "{ weibull = { shape = 0.0, scale = \"1 h\" } }";
    let wrong = problems(&format!("session = {hour}\nabsence = {weibull}"));
    assert_eq!(wrong[0].0, "absence");
    let rare = "{ exponential = { mean = \"10000 d\" } }";
    let second = "{ exponential = { mean = \"1 s\" } }";
    let config: ChurnConfig =
        toml::from_str(&format!("session = {second}\nabsence = {rare}")).expect("readable");
    assert!(config.population_for(1, &Files::default()).is_err());
}

#[test]
fn attackers_and_victims_can_be_left_out() {
    let (session, absence) = ChurnPreset::Oversim.lives();
    let all = build(&ChurnConfig::of_lives(session, absence), 100);
    let some = all.clone().among(1..90);
    let churns = |peer| some.churns(PeerId(peer));
    assert!(!churns(0) && churns(1) && churns(89) && !churns(90));
    assert_eq!(some.initial(PeerId(0), &mut rng(1)), (true, None));
    let both = [&all, &some].map(|churn| churn.initial(PeerId(7), &mut rng(1)));
    assert_eq!(both[0], both[1]);
}

fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

/// Exponential sessions of an hour, absences of two.
fn of_hours() -> ChurnConfig {
    ChurnConfig::of_lives(exponential(hours(1)), exponential(hours(2)))
}

/// With exponential lives the share p that is up follows p' = r(t) (1 - p) / 2 h - p / 1 h, solved here
/// in steps of a second. Four standard errors at 20 000 peers are 0.0134.
#[test]
fn the_time_of_day_drives_who_is_up() {
    let mut config = of_hours();
    config.diurnal = Some(DiurnalConfig {
        period: hours(24),
        amplitude: Share(0.8),
        peak: hours(6),
    });
    let times: Vec<Instant> = (0..14).map(|i| Instant::ZERO + hours(3 * i)).collect();
    let shares = shares_up(&config, 20_000, &times);
    let (mut p, mut t) = (1.0 / 3.0, 0u32);
    for (hour, share) in (0..).step_by(3).zip(shares) {
        while t < hour * 3600 {
            let turn = 2.0 * std::f64::consts::PI * (f64::from(t) / 3600.0 - 6.0) / 24.0;
            let rate = 1.0 + 0.8 * crate::math::sin(turn + std::f64::consts::FRAC_PI_2);
            p += (rate * (1.0 - p) / 2.0 - p) / 3600.0;
            t += 1;
        }
        assert!((share - p).abs() < 0.0134, "{share} and {p} at {hour} h");
    }
}

/// Half of the absent come at once: of a third up, two thirds; and with exponential lives the share
/// goes back at the rate 1 / 1 h + 1 / 2 h. Four standard errors at 20 000 peers are 0.0134.
#[test]
fn a_flash_crowd_comes_and_goes() {
    let mut config = of_hours();
    config.flash_crowd = vec![FlashCrowd {
        at: hours(5),
        within: Duration::ZERO,
        share: Share(0.5),
    }];
    let minutes = [299, 300, 320, 360, 600];
    let times = minutes.map(|minute| Instant::ZERO + Duration::from_mins(minute));
    let shares = shares_up(&config, 20_000, &times);
    for (minute, share) in minutes.into_iter().zip(shares) {
        let since = (minute as f64 - 300.0) / 60.0;
        let crowd = if since < 0.0 {
            0.0
        } else {
            crate::math::exp(-1.5 * since) / 3.0
        };
        let expected = 1.0 / 3.0 + crowd;
        assert!((share - expected).abs() < 0.0134, "{share} at {minute} min");
    }
}

/// Who is not called, or back before, has the same life with a crowd as without.
#[test]
fn a_crowd_shifts_nobody_elses_draws() {
    let plain = build(&of_hours(), 1000);
    let mut config = of_hours();
    config.flash_crowd = vec![FlashCrowd {
        at: hours(1),
        within: hours(1),
        share: Share(0.2),
    }];
    let crowded = build(&config, 1000);
    let same = (0..1000).map(PeerId).filter(|&peer| {
        let first = |churn: &Churn| churn.initial(peer, &mut rng(u64::from(peer.0)));
        first(&plain) == first(&crowded)
    });
    // A fifth of those absent for more than an hour, some of whom come sooner: 2/3 e^-1/2 / 5 is 8 %.
    let same = same.count();
    assert!((900..970).contains(&same), "{same}");
}

#[test]
fn lives_come_from_files() {
    let config: ChurnConfig = toml::from_str(
        "session.empirical.file = \"up.csv\"\nabsence.empirical.file = \"down.csv\"",
    )
    .expect("readable");
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let mut files = Files(
        [
            file("up.csv", "10\n20\n60\n"),
            file("down.csv", "0,0\n1,60\n"),
        ]
        .into(),
    );
    let named: Vec<_> = config.files().into_iter().map(|(_, file)| file).collect();
    assert_eq!(named, ["up.csv", "down.csv"]);
    // Means of 30 s both.
    assert_eq!(config.population_for(100, &files), Ok(200));
    let population = Population::uniform(10);
    let churn = Churn::build(&config, &files, &population, &Streams::new(1)).expect("valid");
    let life = churn.next(PeerId(0), Instant::ZERO, true, &mut rng(4));
    let life = life.expect("in time") - Instant::ZERO;
    assert!(
        [10, 20, 60].map(Duration::from_secs).contains(&life),
        "{life}"
    );
    files
        .0
        .insert("down.csv".to_owned(), "0,0\n0.9,60\n".to_owned());
    let error = Churn::build(&config, &files, &population, &Streams::new(1));
    let said = error.expect_err("a broken file").to_string();
    assert!(
        said.starts_with("down.csv:2:1: the table ends at the share 0.9"),
        "{said}"
    );
}

#[test]
fn a_short_trace_and_infinite_variance_are_remarked() {
    let files = Files([("t.csv".to_owned(), "a,0,10\nb,5,\n".to_owned())].into());
    let config: ChurnConfig = toml::from_str("trace = \"t.csv\"").expect("readable");
    let population = Population::uniform(4);
    let churn = Churn::build(&config, &files, &population, &Streams::new(1)).expect("valid");
    let at = |secs| Instant::ZERO + Duration::from_secs(secs);
    assert!(churn.remarks(at(10)).is_empty());
    assert!(churn.remarks(at(11))[0].contains("ends at 10 s"));
    let pareto = Lifetime::Pareto(ParetoLife {
        shape: 1.5,
        scale: hours(1),
    });
    let churn = build(&ChurnConfig::of_lives(pareto, exponential(hours(1))), 4);
    assert_eq!(churn.remarks(at(11)).len(), 1);
}
