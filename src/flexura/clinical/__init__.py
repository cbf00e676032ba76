"""What is known of the patient: checked, then encoded as features; unknown stays unknown."""
