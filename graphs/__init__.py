"""The film graph: planner, generator, editor and critic as LangGraph nodes."""
