//! The options of `clickstead import`.

use crate::cli::values::{network, site_id};
use crate::model::id::SiteId;
use crate::transfer::format::Format;
use crate::transfer::trusted_proxies::TrustedProxies;
use ipnet::IpNet;
use std::path::PathBuf;

/// The choice of a target for an exported site whose number is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TargetChoice {
    /// It gets another number
    New,
    /// Into the same site, which is here already
    Same,
}

/// The options of `import`.
#[derive(clap::Args)]
#[command(
    after_help = "A site that `clickstead export` wrote keeps its number and its keys. Hits are lines of JSON:\n  \
    {\"time\":\"2026-11-01T10:00:00Z\",\"type\":\"pageview\",\"href\":\"/\",\"title\":\"\",\"ref\":\"\",\"ip\":\"\",\"ua\":\"\",\n  \
     \"lang\":\"\",\"res\":\"\",\"uid\":\"\",\"custom\":{},\"goal\":\"\",\"revenue\":0,\"currency\":\"\",\n  \
     \"status\":200}\nAccess logs are those of Apache and nginx in the \
    combined format, also with virtual hosts and lists of addresses; only pages that were looked at count.\nAll files may be \
    packed by gzip, and lines need no order. Hits and logs go through the \
    site's rules: robots and exclusions are left out, addresses shortened. Nothing counts twice: a file is known again, \
    also under another name, and one that has grown goes on where it stopped; lines that came with another file in the \
    last 40 days are skipped. The server may run meanwhile."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct ImportArgs {
    /// The files; those of hits and logs are taken in the order of time
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The site that hits and logs are for: its number
    #[arg(long, value_name = "ID", value_parser = site_id)]
    pub site: Option<SiteId>,
    /// What the files are, when it can't be told from their first lines
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Where an exported site goes whose number is taken
    #[arg(long = "as", value_name = "PLACE")]
    pub target: Option<TargetChoice>,
    /// A proxy before the server that wrote a log, such as 10.0.0.0/8: the last address of a line that is no such proxy's
    /// is the visitor's; say it once for each, or `none` where there is no proxy
    #[arg(long, value_name = "CIDR", value_parser = trusted_network)]
    trust_proxy: Vec<TrustedNetwork>,
    /// Bring an exported site's guest links along also when that site is here already: those too that were removed here or
    /// have another address by now
    #[arg(long)]
    pub with_links: bool,
    /// Import an exported site although visitors were erased here since the file was written: what it holds of them comes
    /// back
    #[arg(long)]
    pub bring_back_erased: bool,
    /// Who owns an exported site from now on: user name or e-mail; needed when there are several users
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Read and judge everything, say what would come of it, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// A MMDB file with cities or organisations
    #[arg(long, env = "CLICKSTEAD_GEOIP", value_name = "FILE")]
    pub geoip: Option<PathBuf>,
    /// Hosts known for referrer spam, one a line, beside those that are built in
    #[arg(long, env = "CLICKSTEAD_REFERRER_SPAM_FILE", value_name = "FILE")]
    pub referrer_spam_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A network of `--trust-proxy`; `None` for `none`, which means that there is no proxy.
#[derive(Clone, Copy, Debug)]
pub struct TrustedNetwork(Option<IpNet>);

fn trusted_network(text: &str) -> std::result::Result<TrustedNetwork, String> {
    if text.trim() == "none" {
        return Ok(TrustedNetwork(None));
    }
    network(text).map(|network| TrustedNetwork(Some(network)))
}

impl ImportArgs {
    /// Returns the proxies whose `X-Forwarded-For` lists are trusted.
    pub fn trusted_proxies(&self) -> TrustedProxies {
        match &*self.trust_proxy {
            [] => TrustedProxies::Unknown,
            networks => TrustedProxies::Known(networks.iter().filter_map(|network| network.0).collect()),
        }
    }
}
