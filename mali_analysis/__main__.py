from mali_analysis.runs.cli import main

main()
