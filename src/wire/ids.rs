//! Closed enums: what an id byte can say. Each enum lists its ids, their names in the
//! specification, and the ids kept for later, which readers refuse by name.

/// Defines an enum of wire ids with `ALL`, `RESERVED`, `id`, `name` and `from_id`.
macro_rules! wire_ids {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $enum:ident: $what:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $id:literal $name:literal,)+
        }
        reserved { $($reserved_id:literal $reserved_name:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        $visibility enum $enum {
            $($(#[$variant_meta])* $variant = $id,)+
        }

        impl $enum {
            /// Everything this version defines, in the order of the ids.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Ids kept for later versions, with what they are for.
            pub const RESERVED: &'static [(u8, &'static str)] = &[$(($reserved_id, $reserved_name),)*];

            /// The id on the wire.
            pub const fn id(self) -> u8 {
                self as u8
            }

            /// The name in the specification.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The entry of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|entry| entry.name() == name)
            }

            /// What `id`, read at `offset`, stands for.
            pub(crate) fn from_id(id: u8, offset: usize) -> $crate::error::Result<Self> {
                match id {
                    $($id => Ok(Self::$variant),)+
                    _ => Err(match Self::RESERVED.iter().find(|reserved| reserved.0 == id) {
                        Some((_, name)) => $crate::error::Error::new(
                            $crate::error::ErrorKind::Reserved,
                            offset,
                            format!(concat!($what, " {} ({}) is reserved for a later version"), id, name),
                        ),
                        None => $crate::error::Error::unknown_id(offset, $what, id.into()),
                    }),
                }
            }
        }
    };
}

pub(crate) use wire_ids;
