//! No cyclic imports between files.
//!
//! A file uses another if it imports something that is defined there, also through a re-export.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module, by its names from the crate's root.
type Module = Vec<String>;

/// What a file imports.
struct Import {
    /// As it is written, its braces resolved.
    path: Module,
    /// Its name in the file.
    name: String,
    /// Whether it is only re-exported.
    is_reexport: bool,
}

/// One file, without comments and tests.
struct Source {
    code: String,
    imports: Vec<Import>,
}

/// All modules of a folder; `module` is the folder's own.
fn read(folder: &Path, module: &Module, all: &mut BTreeMap<Module, Source>) {
    for entry in fs::read_dir(folder).expect("listing sources").flatten() {
        let path = entry.path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let inner = [module.clone(), vec![name.clone()]].concat();
        if path.is_dir() {
            read(&path, &inner, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "main" {
            let text = fs::read_to_string(&path).expect("reading a source file");
            // Tests may import what they like.
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            let code: String = code
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
                .collect();
            let own = if name == "mod" || name == "lib" {
                module.clone()
            } else {
                inner
            };
            let source = Source {
                imports: imports(&code),
                code,
            };
            all.insert(own, source);
        }
    }
}

/// What a formatted file imports.
fn imports(code: &str) -> Vec<Import> {
    let (mut found, mut body) = (vec![], String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let Some((before, tree)) = line.split_once("use ") else {
            body += line;
            continue;
        };
        let is_public = before.trim().starts_with("pub");
        if !is_public && !before.trim().is_empty() {
            body += line;
            continue;
        }
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree += lines.next().expect("the end of an import");
        }
        let mut paths = vec![];
        expand(vec![], tree.trim_end_matches(';'), &mut paths);
        found.extend(paths.into_iter().map(|path| (path, is_public)));
    }
    let import = |((path, name), is_public): ((Module, String), bool)| Import {
        is_reexport: is_public && !body.contains(&name),
        path,
        name,
    };
    found.into_iter().map(import).collect()
}

/// The paths in a tree of names, each with its name in this file.
fn expand(prefix: Module, tree: &str, all: &mut Vec<(Module, String)>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        Some((head, rest)) => {
            let head = head.trim().trim_end_matches("::").split("::");
            let names = head
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty());
            let prefix: Module = prefix.into_iter().chain(names).collect();
            let (mut depth, mut start) = (0, 0);
            for (at, character) in rest.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    ',' | '}' if depth == 0 => {
                        expand(prefix.clone(), &rest[start..at], all);
                        start = at + 1;
                    }
                    _ => {}
                }
            }
        }
        None if tree.is_empty() => {}
        None => {
            let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
            let names = path.split("::").map(|name| name.trim().to_owned());
            let mut path: Module = prefix.into_iter().chain(names).collect();
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let last = path.last().cloned().unwrap_or_default();
            let name = if alias.is_empty() {
                last
            } else {
                alias.trim().to_owned()
            };
            all.push((path, name));
        }
    }
}

/// A path from the crate's root; `None` if it leads to another crate.
fn absolute(from: &Module, path: &[String], all: &BTreeMap<Module, Source>) -> Option<Module> {
    let mut base = from.clone();
    let mut rest = path;
    if rest.first()? == "crate" {
        return Some(rest[1..].to_vec());
    }
    let mut is_relative = false;
    while let Some(first) = rest
        .first()
        .filter(|name| *name == "super" || *name == "self")
    {
        if first == "super" {
            base.pop();
        }
        (rest, is_relative) = (&rest[1..], true);
    }
    let whole = [base, rest.to_vec()].concat();
    (is_relative || all.contains_key(&whole[..=from.len().min(whole.len() - 1)])).then_some(whole)
}

fn defines(source: &Source, name: &str) -> bool {
    [
        "struct ",
        "enum ",
        "fn ",
        "trait ",
        "type ",
        "const ",
        "static ",
        "macro_rules! ",
    ]
    .iter()
    .any(|kind| {
        let wanted = format!("{kind}{name}");
        source.code.match_indices(&wanted).any(|(at, _)| {
            let after = source.code[at + wanted.len()..].chars().next();
            !after.is_some_and(|character| character.is_alphanumeric() || character == '_')
        })
    })
}

/// The file that defines what a path names.
fn home(path: &Module, all: &BTreeMap<Module, Source>, depth: usize) -> Module {
    let known = (0..=path.len())
        .rev()
        .find(|&length| all.contains_key(&path[..length]));
    let module = path[..known.unwrap_or(0)].to_vec();
    let (Some(name), Some(source)) = (path.get(module.len()), all.get(&module)) else {
        return module;
    };
    if defines(source, name) || depth == 0 {
        return module;
    }
    let again = source.imports.iter().find(|import| import.name == *name);
    let again = again.and_then(|import| absolute(&module, &import.path, all));
    again.map_or(module, |path| home(&path, all, depth - 1))
}

/// Which file uses which.
fn uses() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut all = BTreeMap::new();
    read(Path::new("src"), &vec![], &mut all);
    let used = |(module, source): (&Module, &Source)| {
        let imports = source.imports.iter().filter(|import| !import.is_reexport);
        let paths = imports.filter_map(|import| absolute(module, &import.path, &all));
        let homes = paths.map(|path| home(&path, &all, 8));
        let homes = homes.filter(|home| home != module && !home.is_empty());
        (module.clone(), homes.collect())
    };
    all.iter().map(used).collect()
}

#[test]
fn imports_have_no_cycles() {
    let mut uses = uses();
    assert!(uses.len() > 100 && uses.values().map(BTreeSet::len).sum::<usize>() > 300);
    // A file that uses none of the rest, or is used by none of it, is not part of a cycle.
    loop {
        let before = uses.len();
        let used: BTreeSet<Module> = uses.values().flatten().cloned().collect();
        uses.retain(|module, uses| used.contains(module) && !uses.is_empty());
        let left: BTreeSet<Module> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            used.retain(|module| left.contains(module));
        }
        if uses.len() == before {
            break;
        }
    }
    let cycles = uses.iter().map(|(module, used)| {
        let used: Vec<String> = used.iter().map(|module| module.join("::")).collect();
        format!("{} uses {}", module.join("::"), used.join(", "))
    });
    let cycles: Vec<String> = cycles.collect();
    assert!(cycles.is_empty(), "cycles among:\n{}", cycles.join("\n"));
}
