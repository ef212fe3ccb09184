//! The answers in words.

use super::*;
use crate::core::Lang;
use crate::schemes::eligibility::words::About;

#[test]
fn the_words() {
    let who = facts(vec![full_time("大专", "会计", "2020-09-01", "2023-06-30")], vec![job("2022-01-01", None)]);
    let level = scheme().level("junior").unwrap();
    let say = |lang, who: &Facts, year| {
        About { lang, scheme: scheme(), level, facts: who }.explain(&ask("junior", year, who))
    };
    assert_eq!(
        say(Lang::ZhCn, &who, 2026),
        [
            "还不能报考 2026 年度助理社会工作师。",
            "不符合：大专（其他专业），从事社会工作满 4 年。",
            "计算到 2026-12-31，从事社会工作共 3 年 6 个月，还差 6 个月。",
            "从 2023-06-30 毕业起计算，全日制毕业以前的工作不算。",
            "另有 1 年 5 个月的工作不计入。",
            "按目前情况并继续任职，最早可报考 2027 年度。",
            "到报考时需要提供：学历（学位）证书、单位盖章的从事社会工作年限证明（或年限承诺书）。",
            "依据：国人部发〔2006〕71号，报考条件（2006 年起施行）。",
        ]
    );
    assert_eq!(
        say(Lang::En, &who, 2027)[..3],
        [
            "You may register for Assistant social worker in 2027.",
            "Met: Junior college with another major; full years of social work: 4 or more.",
            "If you stay in your job, the full years of social work are reached on 2027-06-29, in time for this exam year: 4.",
        ]
    );
    let refused = facts(vec![schooling("初中", "")], vec![]);
    assert_eq!(
        say(Lang::ZhCn, &refused, 2026),
        ["还不能报考 2026 年度助理社会工作师。", "报考至少需要高中或中专学历。"]
    );
}

/// Every doubt and every clause can be said in both languages.
#[test]
fn nothing_is_without_words() {
    for lang in Lang::ALL {
        for d in Doubt::ALL {
            assert!(crate::core::i18n::has(lang, &format!("eligibility-doubt-{}", d.code())), "{d:?}");
        }
        for s in all().all() {
            for level in &s.levels {
                let about = About { lang, scheme: s, level, facts: &Facts::default() };
                for c in &level.eligibility {
                    let text = about.clause(c);
                    assert!(!text.is_empty() && !text.contains("eligibility-"), "{text}");
                }
            }
        }
    }
}
