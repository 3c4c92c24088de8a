//! `clickstead serve`: parses the options, starts the server and prints its address.

use super::context::Context;
use super::logging;
use super::mail::MailOptions;
use crate::alerts::monitors::definition;
use crate::config::{BackupConfig, PublicUrl, ServeConfig};
use crate::error::Result;
use crate::limits;
use crate::server::{self, Started};
use crate::store::backup;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The options of `serve`.
#[derive(clap::Args)]
pub struct Serve {
    /// Where to listen
    #[arg(long, env = "CLICKSTEAD_LISTEN", default_value = "127.0.0.1:7070", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// The address that people use, such as <https://stats.example.com>
    #[arg(long, env = "CLICKSTEAD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 127.0.0.1/32
    #[arg(long, env = "CLICKSTEAD_TRUST_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = super::values::network)]
    trust_proxy: Vec<IpNet>,
    /// A MMDB file with cities or organisations, read again when it changes
    #[arg(long, env = "CLICKSTEAD_GEOIP", value_name = "FILE")]
    geoip: Option<PathBuf>,
    /// Hosts known for referrer spam, one a line, beside those that are built in; read again when the file changes
    #[arg(long, env = "CLICKSTEAD_REFERRER_SPAM_FILE", value_name = "FILE")]
    referrer_spam_file: Option<PathBuf>,
    /// Ask the reverse name system, in the background, what visitors' addresses are called
    #[arg(long, env = "CLICKSTEAD_RESOLVE_HOSTNAMES")]
    resolve_hostnames: bool,
    #[command(flatten)]
    mail: MailOptions,
    /// Let “Is my code working?”, uptime checks and webhooks reach this machine and private networks
    #[arg(long, env = "CLICKSTEAD_ALLOW_PRIVATE_TARGETS")]
    allow_private_targets: bool,
    /// Page to ask whether this server's own network works before a site counts as down, such as <https://example.com>
    #[arg(long, env = "CLICKSTEAD_UPTIME_REFERENCE", value_name = "URL", value_parser = monitored_address)]
    uptime_reference: Option<String>,
    /// Back the data file up into this folder, under names with the time
    #[arg(long, env = "CLICKSTEAD_BACKUP_DIR", value_name = "DIR")]
    backup_dir: Option<PathBuf>,
    /// Time between two backups, such as 1d, 12h or 30min; 1d when it is missing
    #[arg(long, env = "CLICKSTEAD_BACKUP_EVERY", value_name = "TIME", requires = "backup_dir", value_parser = period)]
    backup_every: Option<Duration>,
    /// Number of backups kept in that folder; 7 when it is missing
    #[arg(long, env = "CLICKSTEAD_BACKUP_KEEP", value_name = "N", requires = "backup_dir", value_parser = super::values::backups_kept)]
    backup_keep: Option<usize>,
    /// The log on standard error: error, warn, info, debug (also each request, by its route), trace or off; or a
    /// filter by parts of the program, such as `info,clickstead::mail=debug`
    #[arg(long, env = "CLICKSTEAD_LOG", value_name = "LEVEL", default_value = "info", value_parser = logging::filter)]
    log: String,
}

/// The default time between two backups.
const BACKUP_EVERY: Duration = Duration::from_hours(24);
/// The default number of backups kept.
const BACKUPS_KEPT: usize = 7;

/// Parses an address that can be asked.
fn monitored_address(text: &str) -> std::result::Result<String, String> {
    definition::address(text.trim())
}

/// Parses a time such as `1d`, `12h` or `30min`, from 1 minute to 366 days.
fn period(text: &str) -> std::result::Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "d" => Some(86_400),
        "h" => Some(3_600),
        "min" => Some(60),
        _ => None,
    };
    let length = seconds.zip(number.parse::<u64>().ok()).and_then(|(unit, number)| number.checked_mul(unit));
    let length = length.map(Duration::from_secs);
    length
        .filter(|length| (limits::BACKUP_EVERY_MIN..=limits::BACKUP_EVERY_MAX).contains(length))
        .ok_or_else(|| "give a time from 1min to 366d, such as 1d, 12h or 30min".into())
}

impl Serve {
    pub(super) fn run(self, context: &Context, print: impl Fn(&str)) -> Result<()> {
        let data = context.data.clone();
        logging::start(&self.log);
        let public_url = self.public_url.as_deref().map(PublicUrl::parse).transpose()?;
        let backups = self.backup_dir.map(|folder| BackupConfig {
            folder,
            every: self.backup_every.unwrap_or(BACKUP_EVERY),
            keep: self.backup_keep.unwrap_or(BACKUPS_KEPT),
        });
        if let Some(backups) = &backups {
            backup::try_folder(&backups.folder, &data)?;
        }
        let config = ServeConfig {
            data,
            listen: self.listen,
            public_url: public_url.clone(),
            trusted_proxies: self.trust_proxy,
            geoip: self.geoip,
            referrer_spam_file: self.referrer_spam_file,
            resolve_hostnames: self.resolve_hostnames,
            mail: self.mail.config(public_url.as_ref())?,
            allow_private_targets: self.allow_private_targets,
            uptime_reference: self.uptime_reference,
            backups,
        };
        server::run(config, move |started| print(&greeting(started, public_url.as_ref())))
    }
}

fn greeting(started: &Started, public_url: Option<&PublicUrl>) -> String {
    let listening = format!("http://{}", started.address);
    let origin = public_url.map_or(listening.as_str(), PublicUrl::origin);
    let ready = format!("Clickstead is ready at {listening}");
    match &started.setup_path {
        Some(path) => {
            format!("{ready}\nOpen this link once to make the first user and site:\n  {origin}{path}")
        }
        None => ready,
    }
}
