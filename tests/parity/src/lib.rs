//! The same computation natively, in a browser and in workerd, so that their bits can be compared.
