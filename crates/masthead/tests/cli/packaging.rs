//! The Debian package, built of the program that is being tested.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

fn output(command: &mut Command) -> String {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const MAINTAINER: &str = "Maintainer: The Paper <packages@paper.example>";

#[test]
fn the_package_has_everything_that_a_server_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().expect("a folder");
    let mut build = Command::new(root.join("scripts/package"));
    // A package of a program that is not optimized takes long to compress.
    build.arg(env!("CARGO_BIN_EXE_masthead")).arg(folder.path());
    build.env("DEBEMAIL", "packages@paper.example").env("DEBFULLNAME", "The Paper");
    let package = output(build.env("DPKG_DEB_COMPRESSOR_TYPE", "none"));
    let package = package.trim();
    assert!(package.contains("masthead_0.1.0+20"), "{package}: the version has no time");
    let files = output(Command::new("dpkg-deb").args(["--contents", package]));
    for (mode, file) in [
        ("-rwxr-xr-x root/root", " ./usr/bin/masthead"),
        ("-rw-r--r-- root/root", " ./usr/lib/systemd/system/masthead.service"),
        ("-rw-r--r-- root/root", " ./usr/lib/systemd/system/masthead.socket"),
        ("-rw-r--r-- root/root", " ./usr/lib/sysusers.d/masthead.conf"),
        ("-rw-r--r-- root/root", " ./usr/share/man/man1/masthead-serve.1.gz"),
        ("-rw-r--r-- root/root", " ./usr/share/bash-completion/completions/masthead"),
        ("-rw-r--r-- root/root", " ./usr/share/doc/masthead/LICENSE"),
    ] {
        let is_it = |line: &str| line.starts_with(mode) && line.ends_with(file);
        assert!(files.lines().any(is_it), "{mode} {file} is not in\n{files}");
    }
    let control = output(Command::new("dpkg-deb").args(["--info", package]));
    for part in
        ["Package: masthead", "postinst", "prerm", "Version: 0.", "libc6 (>= 2.", MAINTAINER]
    {
        assert!(control.contains(part), "{control}");
    }
}

/// apt replaces a package only by one of a newer version.
#[test]
fn a_package_of_a_later_build_is_newer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().expect("a folder");
    let version = |name: &str, commit: &str, seconds: &str| {
        let program = folder.path().join(name);
        // Answers as a program does that was built from this commit, which nobody knows.
        let text = format!(
            "#!/bin/sh\ncase $1 in\n--version) echo 'masthead 0.1.0{commit}' ;;\nman) mkdir -p $2 && echo . >$2/m.1 ;;\nesac\n"
        );
        fs::write(&program, text).expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
        let mut build = Command::new(root.join("scripts/package"));
        build.arg(&program).arg(folder.path()).env("SOURCE_DATE_EPOCH", seconds);
        let package = output(&mut build);
        output(Command::new("dpkg-deb").args(["--field", package.trim(), "Version"]))
            .trim()
            .to_owned()
    };
    let first = &*version("first", " (ffffffffff0f.modified)", "1795870217");
    let second = &*version("second", " (0000000000a1.modified)", "1795870218");
    let unknown = &*version("unknown", "", "1795870219");
    assert_eq!(first, "0.1.0+20261128125017.ffffffffff0f.modified");
    assert_eq!(unknown, "0.1.0+20261128125019");
    for (older, newer) in [("0.1.0", first), (first, second), (second, unknown)] {
        output(Command::new("dpkg").args(["--compare-versions", older, "lt", newer]));
    }
    output(Command::new("dpkg").args(["--compare-versions", unknown, "lt", "0.1.1"]));
}
