from mali_analysis.cli import main

main()
