//! The Debian package, built of the program that is being tested.

use std::{path::Path, process::Command};

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
