"""The hub: store, merge, plan, guard and the engine that carries a plan out."""
