"""Planning: reading briefs and turning them into storyboards."""
