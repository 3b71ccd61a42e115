//! Findings in policy documents: what is dead, unknown, too broad or locks its owner out.
