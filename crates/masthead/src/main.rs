//! Masthead: a publication server for newsrooms that live from their readers.
//!
//! To add a command: give it a file in `commands`, a variant of [`Command`], and a line in the guide.

/// Prints a line to standard output. A closed pipe is ignored, so that the command continues; so is any other error, until the end.
macro_rules! outln {
    ($($words:tt)*) => {
        $crate::output::print_line(format_args!($($words)*))
    };
}

mod admin;
mod commands;
mod data_record;
mod database_clock;
mod error;
mod folder;
mod interrupted_restore;
mod invocation;
mod listeners;
mod log;
mod open_stores;
mod output;
mod ownership;
mod process;
mod remedy;
mod server_state;
mod services;
mod signals;
mod tasks;
mod version;
mod visible;
mod wall_clock;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    commands::{
        activate, backup, check, clock, database, demo, doctor, export, import, init, keys, list,
        migrate, outbox, pictures, publish, readers, reconcile, restore, serve, sessions, shell,
        staff, subscription, theme, withdraw,
    },
    error::CliError,
    invocation::Invocation,
    version::VERSION_AND_COMMIT,
    visible::visible_lines,
};

/// The commands that belong to no publication: their remedies name no folder.
const WITHOUT_PUBLICATION: [&str; 4] = ["demo", "init", "completions", "man"];

/// A page is a handful of short-lived allocations, at which this allocator is twice as fast as the
/// system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A publication server for newsrooms that live from their readers.
#[derive(Parser)]
#[command(version = VERSION_AND_COMMIT.as_str())]
struct Arguments {
    /// The publication's folder, where masthead.toml is.
    #[arg(long, global = true, default_value = ".", env = "MASTHEAD_DIR", value_parser = serve::path())]
    dir: PathBuf,
    #[command(flatten)]
    place: serve::Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a demonstration publication, with articles to read.
    Demo(demo::DemoArguments),
    /// Begin a publication of your own in a new folder.
    Init(init::Init),
    /// Serve the publication.
    Serve(serve::Listen),
    /// Look for faults in the configuration, the theme and its words, without starting.
    Check(check::Check),
    /// Create the database, or upgrade one that an older version made.
    Migrate,
    /// Publish articles, pages or authors from Markdown files, or correct them.
    Publish(publish::Publish),
    /// Take an article away from readers. It stays in the database.
    Withdraw(withdraw::Withdraw),
    /// List what is published, scheduled, in draft and withdrawn.
    List(list::List),
    /// Look at the mail to readers, and what became of it.
    Outbox(outbox::Outbox),
    /// Give readers subscriptions, and enter what they have paid another way.
    #[command(subcommand)]
    Subscription(subscription::SubscriptionCommand),
    /// See who works at the desk, and let somebody in.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Sign people out.
    #[command(subcommand)]
    Sessions(sessions::SessionsCommand),
    /// Import an archive.
    #[command(subcommand)]
    Import(import::Import),
    /// Compare charges, payments, refunds and access, and list what does not agree.
    Reconcile,
    /// Write readers, subscriptions or payments as CSV, for any other program to read.
    Export(export::Export),
    /// Copy the pictures to a bucket, or back.
    #[command(subcommand)]
    Pictures(pictures::PicturesCommand),
    /// Make the theme your own.
    #[command(subcommand)]
    Theme(theme::Theme),
    /// Rotate or replace the keys that encrypt cookies and emails.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Answer requests of readers about their data.
    #[command(subcommand)]
    Readers(readers::ReadersCommand),
    /// Write everything that the publication is to one file. The server may go on running.
    Backup(backup::Backup),
    /// Restore a publication from a backup, into a new folder and an empty database.
    Restore(restore::Restore),
    /// Let a restored copy charge readers and send mail, once the original is gone.
    Activate,
    /// Confirm the time of the machine's clock.
    #[command(subcommand)]
    Clock(clock::ClockCommand),
    /// Move the publication to another database.
    #[command(subcommand)]
    Database(database::DatabaseCommand),
    /// Check everything that the publication needs to run, and say what to do.
    Doctor(doctor::Doctor),
    /// Print completions for a shell.
    Completions(shell::Completions),
    /// Write the manual pages to a folder.
    Man(shell::Man),
}

/// How long threads may go on when everything is done. One that looks up a name or waits for a disk of the network may never end, and
/// signals are received by then, so that they would not end the process either.
const MAX_THREADS_END: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    process::use_small_pages();
    process::create_private_files();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            report(&CliError::new(format!(
                "the threads of the program cannot be started ({error}); raise the limits of processes and open files (ulimit -u, ulimit -n)"
            )));
            return ExitCode::FAILURE;
        }
    };
    let status = runtime.block_on(run());
    runtime.shutdown_timeout(MAX_THREADS_END);
    status
}

/// Does what the command line asks for.
async fn run() -> ExitCode {
    let Arguments { dir, place, command } = Arguments::parse();
    // Files for containers set variables that have no value.
    let dir = if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir };
    let place = place.without_empty();
    note_invocation(&dir, &place, &command);
    // A server says only where it is, and its end is no error.
    let prints_results = !matches!(command, Command::Serve(_) | Command::Demo(_));
    let done = match command {
        Command::Demo(arguments) => demo::run(&arguments, &place).await,
        Command::Init(init) => init.run(),
        Command::Check(check) => check.run(&dir, &place),
        Command::Serve(listen) => serve::run(&dir, &place, &listen).await,
        Command::Migrate => migrate::run(&dir, &place).await,
        Command::Publish(publish) => publish.run(&dir, &place).await,
        Command::Withdraw(withdraw) => withdraw.run(&dir, &place).await,
        Command::List(list) => list.run(&dir, &place).await,
        Command::Outbox(outbox) => outbox.run(&dir, &place).await,
        Command::Subscription(subscription) => Box::pin(subscription.run(&dir, &place)).await,
        Command::Staff(staff) => staff.run(&dir, &place).await,
        Command::Sessions(sessions) => sessions.run(&dir, &place).await,
        Command::Import(import) => import.run(&dir, &place).await,
        Command::Reconcile => Box::pin(reconcile::run(&dir, &place)).await,
        Command::Export(export) => export.run(&dir, &place).await,
        Command::Pictures(pictures) => pictures.run(&dir, &place).await,
        Command::Theme(theme) => theme.run(&dir),
        Command::Keys(keys) => keys.run(&dir, &place).await,
        Command::Readers(readers) => readers.run(&dir, &place).await,
        Command::Backup(backup) => Box::pin(backup.run(&dir, &place)).await,
        Command::Restore(restore) => Box::pin(restore.run(&dir, &place)).await,
        Command::Activate => activate::run(&dir, &place).await,
        Command::Clock(clock) => clock.run(&dir, &place).await,
        Command::Database(database) => Box::pin(database.run(&dir, &place)).await,
        Command::Doctor(doctor) => Box::pin(doctor.run(&dir, &place)).await,
        Command::Completions(completions) => {
            completions.run(&mut Arguments::command());
            Ok(())
        }
        Command::Man(man) => man.run(&Arguments::command()),
    };
    open_stores::close_all().await;
    let printed = if prints_results { output::finish() } else { Ok(()) };
    match done.and(printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            report(&fault);
            ExitCode::FAILURE
        }
    }
}

/// Notes how commands are run for this publication. Those that belong to none have remedies without a folder.
fn note_invocation(dir: &Path, place: &serve::Place, command: &Command) {
    let is_of_publication = !matches!(
        command,
        Command::Demo(_) | Command::Init(_) | Command::Completions(_) | Command::Man(_)
    );
    if is_of_publication {
        let is_server = matches!(command, Command::Serve(_));
        let names = Arguments::command();
        let names = names.get_subcommands().map(clap::Command::get_name);
        let names = names.filter(|name| !WITHOUT_PUBLICATION.contains(name)).map(str::to_owned);
        invocation::note(Invocation::new(dir, place, is_server, names.collect()));
    }
}

fn report(fault: &CliError) {
    let text = fault.to_string();
    output::print_error(format_args!("masthead: {}", visible_lines(&invocation::literal(&text))));
}
