//! `clickstead serve`: reads how to serve and says where.

use super::mail::MailOptions;
use super::printed;
use crate::config::{PublicUrl, ServeConfig};
use crate::error::Result;
use crate::server::{self, Started};
use ipnet::IpNet;
use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format;

/// What is logged unless the operator says otherwise. Requests that are no HTTP are anybody's to send: a line for each
/// would let strangers fill the disk.
const LOGGED: &str = "info,actix_server=warn,actix_http=off";

/// What `serve` is told.
#[derive(clap::Args)]
pub struct Serve {
    /// Where to listen
    #[arg(long, env = "CLICKSTEAD_LISTEN", default_value = "127.0.0.1:7070", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// The address that people use, such as <https://stats.example.com>
    #[arg(long, env = "CLICKSTEAD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 127.0.0.1/32
    #[arg(long, env = "CLICKSTEAD_TRUST_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    trust_proxy: Vec<IpNet>,
    /// A MMDB file with cities or organisations, read again when it changes
    #[arg(long, env = "CLICKSTEAD_GEOIP", value_name = "FILE")]
    geoip: Option<PathBuf>,
    /// Ask the reverse name system, in the background, what visitors' addresses are called
    #[arg(long, env = "CLICKSTEAD_RESOLVE_HOSTNAMES")]
    resolve_hostnames: bool,
    #[command(flatten)]
    mail: MailOptions,
    /// Let “Is my code working?” fetch pages on this machine and on private networks
    #[arg(long, env = "CLICKSTEAD_ALLOW_PRIVATE_TARGETS")]
    allow_private_targets: bool,
}

/// A network, or one address.
fn network(text: &str) -> std::result::Result<IpNet, String> {
    let address = |text: &str| text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address(text))
        .map_err(|_| "write a network such as 10.0.0.0/8, or an address".into())
}

impl Serve {
    pub(super) fn run(self, data: PathBuf, say: impl Fn(&str)) -> Result<()> {
        let filter = EnvFilter::try_from_env("CLICKSTEAD_LOG").unwrap_or_else(|_| EnvFilter::new(LOGGED));
        let fields = format::debug_fn(printed::field).delimited(" ");
        // Where the log can't be written, such as on the same full disk, a complaint of that must not end what complains.
        let log =
            tracing_subscriber::fmt().with_env_filter(filter).fmt_fields(fields).with_writer(std::io::stderr);
        log.with_ansi(std::io::stderr().is_terminal()).log_internal_errors(false).init();
        let public_url = self.public_url.as_deref().map(PublicUrl::parse).transpose()?;
        let config = ServeConfig {
            data,
            listen: self.listen,
            public_url: public_url.clone(),
            trusted_proxies: self.trust_proxy,
            geoip: self.geoip,
            resolve_hostnames: self.resolve_hostnames,
            mail: self.mail.config(public_url.as_ref())?,
            allow_private_targets: self.allow_private_targets,
        };
        server::run(config, move |started| say(&greeting(started, public_url.as_ref())))
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
