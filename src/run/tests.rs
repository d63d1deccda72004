use super::*;

#[test]
fn a_folder_with_a_run_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    fs::write(run.config(), "{}").unwrap();
    drop(run);
    let run = RunDir::create(folder.path()).expect("nothing is lost before the first epoch");
    let second = RunDir::create(folder.path()).unwrap_err().to_string();
    assert!(second.contains("at work"), "{second}");
    fs::write(run.metrics(), "epoch\n").unwrap();
    drop(run);
    assert!(RunDir::create(folder.path()).is_err());
}

#[test]
fn only_finished_runs_are_found_and_the_newest_wins() {
    let runs = tempfile::tempdir().unwrap();
    assert!(RunDir::newest_finished(runs.path()).unwrap().is_none());
    for (name, age) in [("older", Some(2)), ("newer", Some(1)), ("unfinished", None)] {
        let run = RunDir::create(&runs.path().join(name)).unwrap();
        if let Some(age) = age {
            let file = fs::File::create(run.results()).unwrap();
            let when = SystemTime::now() - std::time::Duration::from_secs(age);
            file.set_modified(when).unwrap();
        }
    }
    let found = RunDir::newest_finished(runs.path()).unwrap().unwrap();
    assert!(found.path().ends_with("newer"));
}

#[test]
fn a_run_is_unfinished_between_its_first_state_and_its_results() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    assert!(!run.is_unfinished() && !run.is_finished());
    fs::write(run.state(), "").unwrap();
    assert!(run.is_unfinished() && !run.is_finished());
    fs::write(run.results(), "{}").unwrap();
    assert!(!run.is_unfinished() && run.is_finished());
}

#[test]
fn an_ensemble_is_unfinished_once_its_first_member_has_begun() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    let member = RunDir::create(&run.member_path(0)).unwrap();
    assert!(!run.is_unfinished());
    fs::write(member.results(), "{}").unwrap();
    assert!(run.is_unfinished());
}

/// The folder's files and folders, without the lock.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != ".lock").collect();
    names.sort();
    names
}

#[test]
fn each_file_of_a_run_has_its_name() {
    let run = RunDir::at(Path::new("some/run"));
    assert_eq!((run.path(), run.name()), (Path::new("some/run"), "run"));
    assert_eq!(RunDir::at(Path::new("a/b-1")).name(), "b-1");
    assert_eq!(RunDir::at(Path::new("..")).name(), "run");
    let names = run.files().map(|file| {
        let name = file.strip_prefix("some/run").unwrap();
        name.to_str().unwrap().to_owned()
    });
    assert_eq!(
        names,
        [
            "config.json",
            "metrics.csv",
            "confusion.json",
            "events.out.tfevents.mnist-tch",
            "curves.png",
            "model.safetensors",
            "reader.safetensors",
            "model.pt",
            "results.json",
        ]
    );
    assert_eq!(run.state(), Path::new("some/run/state.safetensors"));
}

#[test]
fn a_new_run_makes_its_folder_but_replaces_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let run = RunDir::create(&path).unwrap();
    assert!(path.is_dir() && Lock::is_held(&path));
    drop(run);
    RunDir::create(&path).expect("it is free and empty");
    let file = folder.path().join("file");
    fs::write(&file, "kept").unwrap();
    let text = RunDir::create(&file).unwrap_err().to_string();
    assert!(text.contains("it is a file; name another folder"), "{text}");
}

#[test]
fn an_interrupted_run_is_not_overwritten_but_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    fs::write(run.config(), "{}").unwrap();
    fs::write(run.state(), "").unwrap();
    fs::create_dir(folder.path().join(".writing-a1")).unwrap();
    drop(run);
    let text = RunDir::create(folder.path()).unwrap_err().to_string();
    assert!(text.contains("already holds an interrupted run"), "{text}");
    let run = RunDir::reopen(folder.path()).unwrap();
    assert!(Lock::is_held(folder.path()));
    assert!(RunDir::reopen(folder.path()).is_err());
    assert_eq!(
        names_in(folder.path()),
        ["config.json", "state.safetensors"]
    );
    run.remove_state().unwrap();
    assert_eq!(names_in(folder.path()), ["config.json"]);
    run.remove_state().expect("it is not there any more");
}

#[test]
fn a_run_is_begun_anew_unless_it_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = RunDir::recreate(&path).unwrap();
    for file in [run.config(), run.metrics(), run.curves(), run.state()] {
        fs::write(file, "old").unwrap();
    }
    fs::write(path.join("notes.txt"), "kept").unwrap();
    drop(run);
    let run = RunDir::recreate(&path).unwrap();
    assert!(Lock::is_held(&path));
    assert_eq!(names_in(&path), ["notes.txt"]);
    fs::write(run.results(), "{}").unwrap();
    drop(run);
    let text = RunDir::recreate(&path).unwrap_err().to_string();
    assert!(text.ends_with("holds a finished run"), "{text}");
    let run = RunDir::at(&path);
    run.remove_results().unwrap();
    run.remove_results().expect("they are not there any more");
    assert_eq!(names_in(&path), ["notes.txt"]);
}

#[test]
fn what_cannot_be_removed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::at(folder.path());
    fs::create_dir(run.results()).unwrap();
    let text = run.remove_results().unwrap_err().to_string();
    assert!(
        text.starts_with("removing ") && text.ends_with("results.json"),
        "{text}"
    );
}

#[test]
fn only_a_folder_with_a_run_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let reason = |path: &Path| RunDir::open(path).unwrap_err().to_string();
    let nowhere = reason(&folder.path().join("nowhere"));
    assert!(nowhere.ends_with("does not exist: name a run folder, such as those in runs/"));
    assert!(reason(folder.path()).ends_with("is not a run: it holds no config.json"));
    let run = RunDir::create(&folder.path().join("inner")).unwrap();
    fs::write(run.config(), "{}").unwrap();
    let text = reason(folder.path());
    assert!(text.ends_with("; name one of the runs in it"), "{text}");
    assert_eq!(RunDir::open(run.path()).unwrap().path(), run.path());
}

#[test]
fn an_ensemble_has_the_histories_of_its_members_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    fs::write(run.config(), "{}").unwrap();
    let histories = || {
        let runs = RunDir::open(folder.path()).unwrap().with_histories();
        runs.iter()
            .map(|run| run.path().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(histories(), [folder.path()]);
    for number in 0..3 {
        let member = run.member(number).unwrap();
        assert!(Lock::is_held(member.path()));
        fs::write(member.config(), "{}").unwrap();
    }
    let members = ["member0", "member1", "member2"].map(|name| folder.path().join(name));
    assert_eq!(histories(), members);
    // The third has not begun.
    fs::remove_file(members[2].join("config.json")).unwrap();
    assert_eq!(histories(), members[..2]);
}

#[test]
fn an_ensemble_is_unfinished_from_its_first_members_state_to_its_results() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    let member = run.member(0).unwrap();
    fs::write(member.state(), "").unwrap();
    assert!(run.is_unfinished());
    fs::write(run.results(), "{}").unwrap();
    assert!(!run.is_unfinished());
}

#[test]
fn no_run_is_newest_where_there_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    assert!(RunDir::newest_finished(&nowhere).unwrap().is_none());
    fs::write(&nowhere, "").unwrap();
    let text = RunDir::newest_finished(&nowhere).unwrap_err().to_string();
    assert!(text.starts_with("listing "), "{text}");
}
