//! `demo`: a fresh sample county, made by importing the files an office would import, and one login per role.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use chrono::Datelike;
use clap::ArgMatches;

use crate::core::clock::Clock;
use crate::core::config::Settings;
use crate::core::files::{RuleFiles, built_in};
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::importing::{Outcome, Params, run as imports};
use crate::{app, auth, directory, reminders, reports};

const COUNTY: &str = "990121";

/// Two neighbours of the county under the same city: one brings a register of organisations, one a network of stations.
const BANNER: &str = "990122";
const NEIGHBOUR: &str = "990181";
/// The city all three lie in: what administrator and observer see.
const CITY: &str = "9901";

/// The county and its towns; every name and code of the samples is made up, 99 is no province.
const REGIONS: &[(&str, &str)] = &[
    ("99", "北塞省"),
    ("9901", "朔川市"),
    (COUNTY, "宁渠县"),
    (BANNER, "乌兰图旗"),
    (NEIGHBOUR, "泰河市"),
    ("990121001", "城关街道"),
    ("990121101", "渠口镇"),
    ("990121102", "望川镇"),
    ("990121103", "杨家营镇"),
    ("990121104", "李堡镇"),
    ("990121105", "闽新镇"),
];

const INTERNS: &str = "2026-practicum";
const CLASS: &str = "2026-class";

/// The files in the order in which a county would have them: kind, file, parameters.
fn files() -> Vec<(&'static str, &'static str, Params)> {
    let p = Params { region: Some(COUNTY.to_owned()), ..Params::default() };
    let of = |region: &str| Params { region: Some(region.to_owned()), ..Params::default() };
    let roster = |code: &str| Params { cohort: Some(code.to_owned()), create_cohort: true, ..p.clone() };
    let sheets = |class: &str| Params { class: Some(class.to_owned()), create_sessions: true, ..Params::default() };
    let exam = |year| Params { scheme: Some("social-work".to_owned()), year: Some(year), ..Params::default() };
    vec![
        ("bases", "bases.csv", p.clone()),
        ("roster", "interns.xlsx", roster(INTERNS)),
        ("roster", "class.xlsx", roster(CLASS)),
        ("attendance", "attendance-1.xlsx", sheets("2026-class-第一期")),
        ("attendance", "attendance-2.xlsx", sheets("2026-class-第二期")),
        ("hours", "hours.csv", Params { year: Some(2026), ..Params::default() }),
        ("registrations", "registrations-2026.csv", exam(2026)),
        ("results", "results-2024.xlsx", exam(2024)),
        ("results", "results-2025.xlsx", exam(2025)),
        ("results", "results-2026.xlsx", exam(2026)),
        ("certificates", "certificates.xlsx", Params { scheme: Some("social-work".to_owned()), ..p.clone() }),
        ("organisations", "organisations-ningqu.csv", p.clone()),
        ("organisations", "organisations.csv", of(BANNER)),
        ("stations", "stations-ningqu.csv", p.clone()),
        ("stations", "stations.csv", of(NEIGHBOUR)),
        ("staff", "staff.csv", p.clone()),
        ("projects", "projects.csv", p),
        ("services", "services.csv", of(NEIGHBOUR)),
    ]
}

pub(super) async fn run(m: &ArgMatches, lang: Lang) -> Result<u8> {
    let port = m.get_one::<u16>("port").copied().unwrap_or(8080);
    let dir = folder(m.get_one::<PathBuf>("dir"), lang)?;
    let url = format!("sqlite://{}?mode=rwc", dir.join("yanzhen.db").display());
    let data = dir.display().to_string();
    let port_text = port.to_string();
    let set = [("database.url", url.as_str()), ("data.dir", data.as_str()), ("server.port", port_text.as_str())];
    let rules = rules(&dir).map_err(|e| Error::Setup(format!("{}: {e}", dir.display())))?;
    let mut settings = Settings::load_with(Some(&rules), &set)?;
    settings.server.bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
    settings.secrets.key_file = dir.join("yanzhen.key");
    app::check(&settings)?;
    let cx = Cx::open(settings, Clock::System).await?;
    db::migrate_up(&cx).await?;
    say!("{}", Msg::new("demo-filling").with("dir", dir.display()).text(lang));
    fill(&cx, lang).await?;
    reminders::plan::run(&cx, cx.now()).await?;
    let logins = logins(&cx).await?;
    say!("\n{}\n", Msg::new("demo-ready").with("url", cx.settings.public_url()).text(lang));
    say!("{}", Msg::new("demo-logins").text(lang));
    for (role, login, password) in logins {
        say!("  {:<14} {login:<12} {password}", role.name());
    }
    say!("\n{}", Msg::new("demo-stop").text(lang));
    app::serve(cx).await.map(|()| 0)
}

/// Settings of the demo's own, beside them the exam years of the program and one more whose registration closes in four
/// days, so that there is somebody to remind.
fn rules(dir: &Path) -> std::io::Result<PathBuf> {
    let cycles = dir.join("cycles");
    std::fs::create_dir_all(&cycles)?;
    for file in RuleFiles::default().folder("cycles").map_err(std::io::Error::other)? {
        let name = file.name.rsplit('/').next().unwrap_or_default().to_owned();
        std::fs::write(cycles.join(name), file.text)?;
    }
    let today = Clock::System.now().date_naive();
    let day = |n| today + chrono::TimeDelta::days(n);
    let year = today.year().max(2026) + 1;
    let window = |kind: &str, from: i64, to: i64| {
        format!(
            "\n[[windows]]\nkind = \"{kind}\"\narea = \"99\"\narea_name = \"北塞省\"\nopens_on = \"{}\"\ncloses_on = \"{}\"\n\
             source = \"示例\"\n",
            day(from),
            day(to)
        )
    };
    let text = format!(
        "# Made up for the demo.\nyear = {year}\nscheme = \"social-work\"\nexam_first_day = \"{}\"\nexam_last_day = \"{}\"\n\
         years_counted_until = \"{year}-12-31\"\nsource = \"示例\"\n{}{}",
        day(75),
        day(76),
        window("registration", -10, 4),
        window("tickets", 70, 75)
    );
    std::fs::write(cycles.join(format!("{year}.toml")), text)?;
    let settings = dir.join("settings.toml");
    std::fs::write(&settings, "# Of the demo; rule files beside it are used instead of the built-in ones.\n")?;
    Ok(settings)
}

/// An empty folder: the one asked for (an earlier demo's is emptied of what the demo made), or a temporary one.
fn folder(asked: Option<&PathBuf>, lang: Lang) -> Result<PathBuf> {
    let dir =
        asked.cloned().unwrap_or_else(|| std::env::temp_dir().join(format!("yanzhen-demo-{}", std::process::id())));
    let io = |e: std::io::Error| Error::Setup(format!("{}: {e}", dir.display()));
    std::fs::create_dir_all(&dir).map_err(io)?;
    let marker = dir.join(".yanzhen-demo");
    let used = std::fs::read_dir(&dir).map_err(io)?.next().is_some();
    if used && !marker.is_file() {
        return Err(Error::Setup(Msg::new("demo-folder-used").with("dir", dir.display()).text(lang)));
    }
    for name in ["yanzhen.db", "yanzhen.db-wal", "yanzhen.db-shm", "yanzhen.key"] {
        remove(&dir.join(name)).map_err(io)?;
    }
    std::fs::write(&marker, "").map_err(io)?;
    Ok(dir)
}

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Makes the county and imports its files; also the seed of the tests of the whole line.
///
/// # Errors
/// [`Error::Setup`] naming the file that was refused as a whole.
pub async fn fill(cx: &Cx, lang: Lang) -> Result<()> {
    let who = Actor::command_line();
    for (code, name) in REGIONS {
        let input = directory::ops::regions::AddRegion { code: (*code).to_owned(), name: (*name).to_owned() };
        directory::ops::regions::add(cx, &who, input).await?;
    }
    for (file, o) in files().iter().map(|f| f.1).zip(import_all(cx).await?) {
        if o.rejected {
            let why = o.problems.first().map(|p| p.message(lang)).unwrap_or_default();
            return Err(Error::Setup(format!("config/demo/{file}: {why}")));
        }
        let msg = Msg::new("demo-imported").with("file", file).with("rows", o.rows).with("accepted", o.accepted);
        say!("  {}", msg.with("refused", o.refused).text(lang));
    }
    // A first snapshot, for the start page to compare with.
    reports::nightly::run(cx, &Actor::job("tally")).await?;
    Ok(())
}

/// Imports the county's files in their order and gives what came of each.
///
/// # Errors
/// What concerns an import as a whole.
pub async fn import_all(cx: &Cx) -> Result<Vec<Outcome>> {
    // The office that imports is the county's: people that a file brings and no town names belong to it.
    let mut office = Actor::command_line();
    let kinds = app::kinds();
    let mut out = Vec::new();
    for (kind, file, params) in files() {
        office.scope.regions = vec![params.region.clone().unwrap_or_else(|| COUNTY.to_owned())];
        let missing = || Error::Setup(format!("config/demo/{file}: missing"));
        let bytes = built_in(&format!("demo/{file}")).ok_or_else(missing)?;
        out.push(imports::now(cx, &office, kinds.get(kind)?, &params, file, &bytes, false).await?);
    }
    Ok(out)
}

/// One account per role, with a password of its own for this demo: role, login, password. The county must be filled.
///
/// # Errors
/// What the database reports, and names that are taken when called twice.
pub async fn logins(cx: &Cx) -> Result<Vec<(Role, String, String)>> {
    let who = Actor::command_line();
    let people = Subjects::find(cx).await?;
    let mut out = Vec::new();
    for role in Role::ALL {
        let (name, person_id, scopes) = match role {
            Role::Administrator => ("管理员", None, vec![("region", CITY.to_owned())]),
            Role::Observer => ("上级部门", None, vec![("region", CITY.to_owned())]),
            Role::Trainer => {
                let all = [people.practicum, people.class].into_iter().map(|id| ("cohort", id.to_string()));
                ("培训师", None, all.collect())
            }
            Role::Supervisor => ("督导", None, vec![("base", people.base.to_string())]),
            Role::Intern => ("实习生", Some(people.intern), Vec::new()),
        };
        let login = role.name().to_owned();
        let new = auth::users::NewUser { login, name: name.to_owned(), email: String::new(), role, person_id, scopes };
        let made = auth::users::create(cx, &who, new).await?;
        // No forced change at the first sign-in here: the demo's passwords live as long as its folder.
        auth::users::keep_password(cx, &who, made.id).await?;
        out.push((role, made.login, made.one_time_password));
    }
    Ok(out)
}

/// Who the demo's logins are about.
struct Subjects {
    practicum: i64,
    class: i64,
    base: i64,
    intern: i64,
}

impl Subjects {
    async fn find(cx: &Cx) -> Result<Self> {
        let missing = || Error::internal("the sample county is not whole");
        let cohort = "SELECT id FROM cohort WHERE code = ?";
        let practicum = db::int(cx.read(), cohort, [INTERNS.into()]).await?.ok_or_else(missing)?;
        let class = db::int(cx.read(), cohort, [CLASS.into()]).await?.ok_or_else(missing)?;
        // Somebody who is placed and still has an entry waiting, so that supervisor and intern both have something to do.
        let sql = "SELECT h.person_id FROM hour_entry h WHERE h.state = 'submitted' ORDER BY h.id LIMIT 1";
        let intern = db::int(cx.read(), sql, []).await?.ok_or_else(missing)?;
        let sql = "SELECT p.base_id FROM placement p WHERE p.person_id = ? ORDER BY p.id LIMIT 1";
        let base = db::int(cx.read(), sql, [intern.into()]).await?.ok_or_else(missing)?;
        Ok(Self { practicum, class, base, intern })
    }
}
