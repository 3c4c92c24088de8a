//! The command line: its commands, and their dispatch. Each command returns the text to print; only this file prints
//! it, and only this module reads the environment.

mod alert;
mod annotation;
mod arguments;
mod audit;
mod backup;
mod campaign;
mod check;
mod compact;
mod context;
mod currency;
mod deletion;
mod demo;
mod digest;
mod export;
mod funnel;
mod goal;
mod goal_options;
mod hints;
mod hosts;
mod import;
mod init;
mod key_use;
mod link;
mod logging;
mod mail;
mod monitor;
mod output;
mod person;
mod plan;
mod printed;
mod prune;
mod restore;
mod sealing;
mod serve;
mod share;
mod site;
mod site_heatmaps;
mod site_vitals;
mod site_zone;
mod tasks;
mod terminal;
mod token;
mod user;
mod values;
mod visitor;
mod webhook;

use self::context::Context;
use self::output::{Output, print};
use crate::error::Result;
use crate::model::clock::Clock;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Web analytics for people who run their own server: one executable, one SQLite file.
#[derive(Parser)]
#[command(name = "clickstead", version, arg_required_else_help = true)]
struct Arguments {
    /// The data file
    #[arg(
        long,
        global = true,
        env = "CLICKSTEAD_DATA",
        default_value = "clickstead.db",
        value_name = "FILE"
    )]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the data file, the first user and the first site
    Init(init::Init),
    /// Serve the tracker, the beacons and the screens
    Serve(serve::Serve),
    /// Write a made-up business with its visitors, and serve it
    Demo(demo::Demo),
    /// People who sign in
    #[command(subcommand)]
    User(user::UserArgs),
    /// Tracked sites
    #[command(subcommand)]
    Site(site::SiteArgs),
    /// Who else may see a site
    #[command(subcommand)]
    Share(share::ShareArgs),
    /// Guest links, which show chosen reports to whoever has the address
    #[command(subcommand)]
    Link(link::LinkArgs),
    /// Personal tokens, with which somebody's programs read what that person may read
    #[command(subcommand)]
    Token(token::TokenArgs),
    /// Goals: what a site counts as success
    #[command(subcommand)]
    Goal(goal::GoalArgs),
    /// Alerts: what people are told when it happens
    #[command(subcommand)]
    Alert(alert::AlertArgs),
    /// Funnels: the steps that visitors take on their way to a goal
    #[command(subcommand)]
    Funnel(funnel::FunnelArgs),
    /// Monitors: pages that are checked every few minutes
    #[command(subcommand)]
    Monitor(monitor::MonitorArgs),
    /// Costs of campaigns
    #[command(subcommand)]
    Campaign(campaign::CampaignArgs),
    /// Notes on dates, which charts show
    #[command(subcommand)]
    Annotation(annotation::AnnotationArgs),
    /// E-mail reports, to users and to addresses outside
    #[command(subcommand)]
    Digest(digest::DigestArgs),
    /// Webhooks: programs and chat services that are told of a site's alerts
    #[command(subcommand)]
    Webhook(webhook::WebhookArgs),
    /// Who did what to a site, also to one that is gone
    Audit(audit::Audit),
    /// Letters that Clickstead sends
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Drop the visits that sites do not keep any longer; their totals stay
    Prune(prune::Prune),
    /// What is kept of one visitor: hand it out, or erase it
    #[command(subcommand)]
    Visitor(visitor::Visitor),
    /// List the background tasks with their last runs
    Tasks(tasks::Tasks),
    /// Write a whole site into a file, for another appliance
    Export(export::ExportArgs),
    /// Read an exported site, hits that another program wrote down, or access logs of a web server
    Import(import::options::ImportArgs),
    /// Copy the data file, also while a server runs
    Backup(backup::Backup),
    /// Put a backup in the place of the data file, while no server runs
    Restore(restore::Restore),
    /// Look whether the data file is whole
    Check(check::Check),
    /// Make the data file as small as it can be, while no server runs
    Compact(compact::Compact),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let (arguments, data_option) = arguments::read::<Arguments>();
    let command_line = arguments::command::<Arguments>();
    let context = Context::new(&arguments.data, data_option, Clock::system().now(), command_line);
    match run(arguments.command, &context) {
        Ok(output) => {
            print(&mut std::io::stdout(), &output.text);
            if output.has_succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            // An error message is one line; texts quoted in it may have more.
            let message = context.error_text(&error);
            print(&mut std::io::stderr(), &format!("clickstead: {}", printed::line(&message)));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, context: &Context) -> Result<Output> {
    match command {
        Command::Init(init) => init.run(context).map(Output::from),
        Command::Serve(serve) => {
            serve.run(context, |text| print(&mut std::io::stdout(), text)).map(|()| String::new().into())
        }
        Command::Demo(demo) => {
            demo.run(context, |text| print(&mut std::io::stdout(), text)).map(|()| String::new().into())
        }
        Command::User(user) => user.run(context).map(Output::from),
        Command::Site(site) => site.run(context).map(Output::from),
        Command::Share(share) => share.run(context).map(Output::from),
        Command::Link(link) => link.run(context).map(Output::from),
        Command::Token(token) => token.run(context).map(Output::from),
        Command::Digest(digest) => digest.run(context).map(Output::from),
        Command::Audit(audit) => audit.run(context).map(Output::from),
        Command::Goal(goal) => goal.run(context).map(Output::from),
        Command::Alert(alert) => alert.run(context).map(Output::from),
        Command::Funnel(funnel) => funnel.run(context).map(Output::from),
        Command::Monitor(monitor) => monitor.run(context).map(Output::from),
        Command::Campaign(campaign) => campaign.run(context).map(Output::from),
        Command::Annotation(annotation) => annotation.run(context).map(Output::from),
        Command::Webhook(webhook) => webhook.run(context).map(Output::from),
        Command::Mail(mail) => mail.run(context).map(Output::from),
        Command::Prune(prune) => prune.run(context).map(Output::from),
        Command::Visitor(visitor) => visitor.run(context).map(Output::from),
        Command::Tasks(tasks) => tasks.run(context).map(Output::from),
        Command::Export(export) => export.run(context, &mut std::io::stdout()).map(Output::from),
        Command::Import(options) => import::run(&options, context),
        Command::Backup(backup) => backup.run(context).map(Output::from),
        Command::Restore(restore) => restore.run(context).map(Output::from),
        Command::Check(check) => check.run(context),
        Command::Compact(compact) => compact.run(context).map(Output::from),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut arguments::command::<Arguments>(), "clickstead", &mut text);
            Ok(String::from_utf8_lossy(&text).into_owned().into())
        }
    }
}
