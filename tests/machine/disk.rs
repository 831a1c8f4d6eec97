//! On a full or write-protected disk commands exit with code 3 and one line, and leave everything as it was.
//!
//! Permissions do not stop tests that run as root, so small disks are mounted instead, which needs root.
//! `SCALP_STUDIO_TEST_WITHOUT_MOUNT=1` leaves these tests out even where `CI` is set.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use crate::client::{Client, done, refused, run, unwritable};
use crate::{args, needing};

pub fn tests() -> Vec<Trial> {
    let left_out = std::env::var_os("SCALP_STUDIO_TEST_WITHOUT_MOUNT").is_some_and(|v| v == "1");
    let tests = needing![Disk::new;
        nothing_is_lost_on_a_full_disk,
        no_half_written_file_is_left_on_a_nearly_full_disk,
        nothing_changes_on_a_write_protected_disk,
    ];
    tests.into_iter().map(|test| test.with_ignored_flag(left_out)).collect()
}

/// A disk of 1 MiB in memory, unmounted when dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "scalp-studio-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(done) if done.status.success() => Ok(Self { folder }),
            Ok(done) => Err(format!("no disk is mounted: {}", String::from_utf8_lossy(&done.stderr).trim())),
            Err(error) => Err(format!("there is no mount: {error}")),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn protect(&self) {
        let done = Command::new("mount").args(["-o", "remount,ro"]).arg(self.folder.path()).status().unwrap();
        assert!(done.success());
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = fs::File::create(self.path("filler")).unwrap();
        for size in [4096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.folder.path()).status());
    }
}

const DOTS: &str = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n9,9,2,2,0,0.5\n";

/// Writes a small picture made by the program, which it would be allowed to replace.
fn write_older_picture(client: &Client, path: &Path) {
    let (grey, dots) = (client.path("grey.png"), client.file("dots.csv", DOTS));
    image::RgbImage::from_pixel(20, 20, image::Rgb([188; 3])).save(&grey).unwrap();
    done(&args!["composite", grey, "--splats", dots, "-o", path]);
}

/// Commands that write to the disk, each with the path it writes to.
fn writing_commands(client: &Client, disk: &Disk) -> Vec<(Vec<OsString>, PathBuf)> {
    let dots = client.file("dots.csv", DOTS);
    let mut commands = Vec::new();
    for name in ["a.png", "a.jpg", "there.png"] {
        let output = disk.path(name);
        commands.push((args!["render", client.case(), "--layer", "before", "-o", output].into(), output.clone()));
        commands.push((args!["composite", client.front(), "--splats", dots, "-o", output].into(), output));
    }
    let plan = disk.path("plan.json");
    commands.push((args!["plan", "get", client.case(), "-o", plan].into(), plan));
    let (front, case) = (client.view("front", &client.front()), disk.path("new.scalp"));
    let new = args!["new", "--photo", front, "--landmarks", client.front_landmarks(), "-o", case];
    commands.push((new.into(), case));
    commands
}

fn longer_plan(client: &Client) -> PathBuf {
    let mut plan = client.plan();
    let stroke = serde_json::json!({"part": "cranium", "points": vec![[0.0, 60.0, 60.0]; 1000], "radius_mm": 3.0, "change_per_cm2": 1.0});
    plan["strokes"] = vec![stroke; 20].into();
    client.file("longer.json", plan.to_string())
}

fn set_plan(case: &Path, plan: &Path) -> Vec<OsString> {
    args!["plan", "set", case, plan].into()
}

fn nothing_is_lost_on_a_full_disk(disk: Disk) {
    let client = Client::planned();
    let case = disk.path("client.scalp");
    fs::copy(client.case(), &case).unwrap();
    write_older_picture(&client, &disk.path("there.png"));
    let commands = writing_commands(&client, &disk);
    let plan = longer_plan(&client);
    disk.fill();
    for (arguments, output) in commands {
        refused(disk.folder.path(), &arguments, &unwritable(&output, ""));
    }
    refused(disk.folder.path(), &set_plan(&case, &plan), &unwritable(&case, "full"));
    // With room again, the case works on.
    fs::remove_file(disk.path("filler")).unwrap();
    done(&args!["plan", "set", case, plan]);
    done(&args!["plan", "get", case]);
    let picture = disk.path("there.png");
    done(&args!["render", case, "--layer", "before", "--view", "left", "-o", picture]);
    assert_eq!(crate::client::decoded(&picture).width(), crate::client::WIDTH);
}

fn no_half_written_file_is_left_on_a_nearly_full_disk(disk: Disk) {
    let client = Client::planned();
    // Noise, which no format compresses.
    let mut noise = 1_u32;
    let picture = image::RgbImage::from_fn(700, 700, |_, _| {
        image::Rgb([0; 3].map(|_: u8| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        }))
    });
    let photo = client.path("noise.png");
    picture.save(&photo).unwrap();
    assert!(fs::metadata(&photo).unwrap().len() > 1 << 20);
    let dots = client.file("dots.csv", DOTS);
    for name in ["a.png", "a.tif", "a.webp"] {
        let output = disk.path(name);
        let arguments = args!["composite", photo, "--splats", dots, "-o", output];
        refused(disk.folder.path(), &arguments, &unwritable(&output, "the disk is full: make room and try again"));
    }
    let points = serde_json::json!({"views": {"front": {"pupil_right": [320.0, 350.0], "pupil_left": [380.0, 350.0]}}});
    let landmarks = client.file("two.json", points.to_string());
    let (front, case) = (client.view("front", &photo), disk.path("new.scalp"));
    let new = args!["new", "--photo", front, "--landmarks", landmarks, "-o", case];
    refused(disk.folder.path(), &new, &unwritable(&case, "full"));
}

fn nothing_changes_on_a_write_protected_disk(disk: Disk) {
    let client = Client::planned();
    let case = disk.path("client.scalp");
    fs::copy(client.case(), &case).unwrap();
    write_older_picture(&client, &disk.path("there.png"));
    disk.protect();
    for (arguments, output) in writing_commands(&client, &disk) {
        refused(disk.folder.path(), &arguments, &unwritable(&output, ""));
    }
    refused(disk.folder.path(), &set_plan(&case, &longer_plan(&client)), &unwritable(&case, "write-protected"));
    let demo = disk.path("demo");
    refused(disk.folder.path(), &args!["demo", demo], &unwritable(&demo, "the folder cannot be made"));
    // Reading works.
    assert!(done(&args!["info", case, "--json"]).contains("dots_by_session"));
    let picture = client.path("picture.png");
    let rendered = run(&args!["render", case, "--layer", "before", "-o", picture]);
    assert_eq!(rendered.code, Some(0), "{}", rendered.errors);
    assert!(
        rendered.errors.contains("not noted in the case, since the file is write-protected"),
        "{}",
        rendered.errors
    );
    // Without -o the picture would be written next to the case.
    let beside = disk.path("client-front.jpg");
    refused(disk.folder.path(), &args!["render", case, "--layer", "before"], &unwritable(&beside, ""));
}
