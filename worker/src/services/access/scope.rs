//! What somebody may do, in five words.

/// One right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Ask for predictions, where that isn't open to all.
    Predict,
    /// Say what the true class of a prediction was.
    Feedback,
    /// Publish, describe and name models.
    Publish,
    /// Read versions, history, reports and the ledger.
    Read,
    /// Everything: who serves and who may do what, too.
    Admin,
}

impl Scope {
    pub(crate) const ALL: [Self; 5] =
        [Self::Predict, Self::Feedback, Self::Publish, Self::Read, Self::Admin];

    /// Its word on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Predict => "predict",
            Self::Feedback => "feedback",
            Self::Publish => "publish",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    /// The scope that `name` stands for.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Its place in a key; never to be given to another one.
    const fn bit(self) -> u8 {
        match self {
            Self::Predict => 1,
            Self::Feedback => 2,
            Self::Publish => 4,
            Self::Read => 8,
            Self::Admin => 16,
        }
    }
}

/// Some rights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scopes(u8);

impl Scopes {
    /// Those of `bits`; `None` if one of them is no scope.
    pub(crate) fn of_bits(bits: u8) -> Option<Self> {
        let known = Scope::ALL.into_iter().fold(0, |all, scope| all | scope.bit());
        (bits & !known == 0).then_some(Self(bits))
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Whether they are enough for what `scope` stands for: `admin` is enough for everything.
    pub(crate) const fn allow(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// Their words, in a fixed order.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let held = Scope::ALL.into_iter().filter(|scope| self.0 & scope.bit() != 0);
        held.map(Scope::name).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_is_enough_for_everything_and_others_for_themselves_alone() {
        for held in Scope::ALL {
            let scopes = Scopes::from_iter([held]);
            for asked in Scope::ALL {
                let enough = held == asked || held == Scope::Admin;
                assert_eq!(scopes.allow(asked), enough, "{held:?} {asked:?}");
            }
        }
        assert!(Scope::ALL.into_iter().all(|scope| !Scopes::default().allow(scope)));
    }

    #[test]
    fn words_and_bits_lead_back() {
        for bits in 0..=u8::MAX {
            let Some(scopes) = Scopes::of_bits(bits) else {
                assert!(bits >= 32);
                continue;
            };
            let named = scopes.names().into_iter().filter_map(Scope::named);
            assert_eq!(named.collect::<Scopes>(), scopes);
            assert_eq!(scopes.bits(), bits);
        }
        assert_eq!(Scope::named("Admin"), None);
    }
}
